"""Rules between rows: declared once in the edition, judged on values and written as Excel text.

``judge`` and ``excel_verdict`` say the same for numeric, none-arising and blank cells; tests recalculate
workbooks to prove it. Tolerance of a percent: half of the last decimal left in the stored number, never under
0.05 (design, decision 6). A missing part leaves a rule undecided.
"""
