Attribute VB_Name = "CchcManHinh"
Option Explicit
' The cells of the control workbook: found by name, so that rows and columns may be moved. What the program says comes
' as one record a line, its parts divided by tabs; see cchc_xl/rounds/buttons/screen.py.

Public Function CellOf(ByVal id As String) As Range
    Set CellOf = ThisWorkbook.Names("CCHC_DH_" & id).RefersToRange
End Function

Public Function Sentence(ByVal id As String) As String
    Sentence = CellOf("M_" & id).Value
End Function

' A sentence of ours that says why nothing was done.
Public Sub Tell(ByVal said As String)
    CellOf("OK").Value = "0"
    CellOf("MESSAGE").Value = said
End Sub

Public Sub ShowResult(ByVal answer As String)
    Dim records() As String
    Dim parts() As String
    Dim i As Long
    records = Split(answer, vbLf)
    Application.ScreenUpdating = False
    i = 0
    Do While i <= UBound(records)
        parts = Split(records(i), vbTab)
        Select Case parts(0)
            Case "set"
                CellOf(parts(1)).Value = Replace(parts(2), Chr(11), vbLf)
            Case "link"
                ShowLink CellOf("LINK_" & parts(1)), parts(2), parts(3)
            Case "table"
                ShowTable parts(1), records, i + 1, CLng(parts(2)), CLng(parts(3))
                i = i + CLng(parts(2))
            Case "open"
                OpenBook parts(1)
        End Select
        i = i + 1
    Loop
    Application.ScreenUpdating = True
End Sub

Private Sub ShowLink(ByVal place As Range, ByVal caption As String, ByVal address As String)
    RemoveLinks place
    place.Value = ""
    If caption = "" Then Exit Sub
    place.Worksheet.Hyperlinks.Add Anchor:=place, Address:=address, TextToDisplay:=caption
    place.Font.Name = CellOf("MESSAGE").Font.Name
    place.Font.Size = CellOf("MESSAGE").Font.Size
End Sub

' Adding a link replaces the one that is there; only Excel knows how to take one away.
Private Sub RemoveLinks(ByVal place As Range)
    On Error Resume Next
    If place.Hyperlinks.Count > 0 Then place.Hyperlinks.Delete
End Sub

' All cells are text, so that nothing a unit wrote can become a formula.
Private Sub ShowTable(ByVal name As String, records() As String, ByVal first As Long, ByVal rowCount As Long, _
        ByVal columnCount As Long)
    Dim home As Range
    Dim area As Range
    Dim values() As Variant
    Dim parts() As String
    Dim r As Long
    Dim c As Long
    Set home = CellOf("T_" & UCase(name))
    ShowAllRows home.Worksheet
    ClearBelow home, columnCount
    If rowCount = 0 Then Exit Sub
    ReDim values(1 To rowCount, 1 To columnCount)
    For r = 1 To rowCount
        parts = Split(records(first + r - 1), vbTab)
        For c = 1 To columnCount
            values(r, c) = parts(c)
        Next c
    Next r
    Set area = Block(home, rowCount, columnCount)
    area.NumberFormat = "@"
    area.Value = values
End Sub

' Rows that a filter hides would keep what stood there.
Private Sub ShowAllRows(ByVal sheet As Worksheet)
    On Error Resume Next
    If sheet.FilterMode Then sheet.ShowAllData
End Sub

Private Sub ClearBelow(ByVal home As Range, ByVal columnCount As Long)
    Dim used As Range
    Dim last As Long
    Set used = home.Worksheet.UsedRange
    last = used.Row + used.Rows.Count - 1
    If last >= home.Row Then Block(home, last - home.Row + 1, columnCount).ClearContents
End Sub

Private Function Block(ByVal home As Range, ByVal rowCount As Long, ByVal columnCount As Long) As Range
    With home.Worksheet
        Set Block = .Range(home, .Cells(home.Row + rowCount - 1, home.Column + columnCount - 1))
    End With
End Function

Private Sub OpenBook(ByVal path As String)
    On Error Resume Next
    Workbooks.Open path
End Sub
