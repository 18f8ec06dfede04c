"""The sheets of the official workbook, one module a sheet; ``template.py`` puts them together."""
