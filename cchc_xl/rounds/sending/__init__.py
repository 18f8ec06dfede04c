"""What goes out to the units: workbooks, answers, reports, reminders; drafted, and sent on request."""
