Attribute VB_Name = "CchcMacros"
Option Explicit
' The buttons of the control workbook. Everything is done by Python: through xlwings where Excel has it, else by the
' program cchc-xl, which reads this workbook from disk and leaves its result in a small file.
' Only ASCII here: all Vietnamese text stands in cells (the hidden sheet _nho holds the sentences).

Private busy As Boolean

Public Sub GuiBieuMau()
    Press "issue"
End Sub

Public Sub NhanBaoCao()
    Press "collect"
End Sub

Public Sub KiemTra()
    Press "check"
End Sub

Public Sub GuiPhanHoi()
    Press "feedback"
End Sub

Public Sub TongHop()
    Press "consolidate"
End Sub

Public Sub BaoCao()
    Press "report"
End Sub

Public Sub DonDoc()
    Press "remind"
End Sub

Public Sub MoKetQua()
    Press "open"
End Sub

Public Sub CapNhat()
    Press "refresh"
End Sub

Private Sub Press(ByVal action As String)
    Dim problem As String
    If busy Then
        Application.StatusBar = Sentence("BUSY")
        Exit Sub
    End If
    busy = True
    On Error GoTo Failed
    Application.StatusBar = Sentence("WORKING")
    If Not RanByXlwings(action) Then RunProgram action
    GoTo Finish
Failed:
    problem = Err.Description
    Tell Sentence("FAILED") & problem
    Resume Finish
Finish:
    On Error Resume Next
    Application.ScreenUpdating = True
    Application.StatusBar = False
    busy = False
End Sub

' True when the work is done, or can't be done: the cell TOKEN tells that Python was there and has shown its result.
Private Function RanByXlwings(ByVal action As String) As Boolean
    Dim token As String
    Dim code As String
    Dim way As String
    way = CellOf("WAY").Value
    If way = Sentence("WAY_PROGRAM") Then Exit Function
    token = Stamp()
    code = "from cchc_xl.cli.control import press; press('" & action & "', '" & token & "')"
    If HasAddIn("xlwings.xlam") Then
        Called "xlwings.xlam!RunPython", code
    Else
        Called "xlwings.RunPython", code
    End If
    RanByXlwings = (CStr(CellOf("TOKEN").Value) = token)
    If Not RanByXlwings And way = Sentence("WAY_XLWINGS") Then
        Tell Sentence("NO_XLWINGS")
        RanByXlwings = True
    End If
End Function

' Open already: Excel would look for a file of that name in the current folder and open it.
Private Function HasAddIn(ByVal name As String) As Boolean
    On Error GoTo Missing
    HasAddIn = (LCase(Workbooks(name).Name) = name)
    Exit Function
Missing:
    HasAddIn = False
End Function

Private Sub Called(ByVal procedure As String, ByVal code As String)
    On Error Resume Next
    Application.Run procedure, code
End Sub

Private Sub RunProgram(ByVal action As String)
    Dim program As String
    Dim stem As String
    Dim answer As String
    program = Trim(CStr(CellOf("PROGRAM").Value))
    If program = "" Then program = "cchc-xl"
    If Not IsProgram(program) Then
        Tell Sentence("BAD_PROGRAM")
        Exit Sub
    End If
    If Not SavedBook() Then
        Tell Sentence("NOT_SAVED")
        Exit Sub
    End If
    stem = ScratchStem()
    If stem = "" Then
        Tell Sentence("BAD_PLACE")
        Exit Sub
    End If
    WriteText stem & ".hoi", BookPath()
    If Started(program, action, stem) Then
        answer = Awaited(stem & ".kq")
        If answer <> "" Then ShowResult answer
    Else
        Tell Sentence("NO_PROGRAM")
    End If
    Remove stem & ".hoi"
    Remove stem & ".kq"
    Remove stem & ".kq.p"
End Sub

' Only plain ASCII reaches the command line: Shell knows no other letters, and quotes hold everything together. The
' path of this workbook goes through the file .hoi, what staff typed stays in the workbook.
Private Function Started(ByVal program As String, ByVal action As String, ByVal stem As String) As Boolean
    Dim command As String
    On Error GoTo Missing
    command = Quoted(program) & " control " & action & " --book " & Quoted("@" & stem & ".hoi")
    command = command & " --result " & Quoted(stem & ".kq")
    Shell command, vbHide
    Started = True
    Exit Function
Missing:
    Started = False
End Function

' The text of the result; "" when the program fell silent (which is told). It writes a line every second, the first
' one when it has started.
Private Function Awaited(ByVal path As String) As String
    Dim said As String
    Dim heard As String
    Dim began As Date
    Dim since As Date
    Dim patience As Double
    began = Now
    since = began
    patience = 2 * Val(Sentence("PATIENCE"))
    Do While Not Exists(path)
        Pause (Now - began) * 86400
        said = ReadText(path & ".p")
        If said <> "" And said <> heard Then
            heard = said
            since = Now
            patience = Val(Sentence("PATIENCE"))
            Application.StatusBar = Mid(said, InStr(said, vbTab) + 1)
        End If
        If (Now - since) * 86400 > patience Then
            Tell Sentence("SILENT")
            Exit Function
        End If
    Loop
    Awaited = ReadText(path)
    If Right(Awaited, 3) <> "end" Then
        Awaited = ""
        Tell Sentence("NO_RESULT")
    End If
End Function

' Short at first; later whole seconds, which leave the processor to the program.
Private Sub Pause(ByVal waited As Double)
    Dim began As Double
    If waited < 3 Then
        began = Timer
        Do While Timer >= began And Timer < began + 0.25
            DoEvents
        Loop
    Else
        Application.Wait Now + TimeSerial(0, 0, 1)
        DoEvents
    End If
End Sub

Private Function SavedBook() As Boolean
    On Error GoTo Refused
    Application.DisplayAlerts = False
    If Not IsReadOnly() Then
        ThisWorkbook.Save
        SavedBook = True
    End If
    Application.DisplayAlerts = True
    Exit Function
Refused:
    Application.DisplayAlerts = True
    SavedBook = False
End Function

Private Function IsReadOnly() As Boolean
    On Error Resume Next
    IsReadOnly = ThisWorkbook.ReadOnly
End Function

Private Function BookPath() As String
    BookPath = ThisWorkbook.FullName
    If InStr(BookPath, Application.PathSeparator) = 0 And InStr(BookPath, "/") = 0 Then
        BookPath = ThisWorkbook.Path & Application.PathSeparator & BookPath
    End If
End Function
