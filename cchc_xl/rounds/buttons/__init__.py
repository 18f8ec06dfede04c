"""The use cases behind the buttons of the control workbook."""
