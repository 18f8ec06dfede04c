Attribute VB_Name = "CchcTep"
Option Explicit
' Small files between this workbook and the program. Their texts are the letters of VBA as they are (UTF-16); their
' names are plain ASCII, because Open, Dir, Kill and Shell know no letters outside the system's code page.

' The beginning of names for one run, in a folder with a plain name; "" where there is none.
Public Function ScratchStem() As String
    Dim places As Variant
    Dim i As Integer
    places = Array(Environ("TEMP"), Environ("TMP"), Environ("TMPDIR"), Environ("PUBLIC"), Environ("ProgramData"))
    For i = 0 To UBound(places)
        If places(i) <> "" Then
            If IsPlain(places(i)) Then
                ScratchStem = places(i) & Application.PathSeparator & "cchc-xl-" & Stamp()
                If CanWrite(ScratchStem & ".hoi") Then Exit Function
            End If
        End If
    Next i
    ScratchStem = ""
End Function

Private Function CanWrite(ByVal path As String) As Boolean
    On Error GoTo Refused
    WriteText path, "?"
    CanWrite = Exists(path)
    Exit Function
Refused:
    CanWrite = False
End Function

Public Function Stamp() As String
    Randomize
    Stamp = Format(Date, "yyyymmdd") & "-" & Format(Int(Timer * 100), "0000000") & Format(Int(Rnd * 1000), "000")
End Function

' Letters, digits and signs that mean nothing to a command line. No quotation mark can close the quotes around it.
Public Function IsPlain(ByVal said As String) As Boolean
    Dim i As Long
    Dim code As Long
    For i = 1 To Len(said)
        code = AscW(Mid(said, i, 1))
        If code < 32 Or code > 126 Then Exit Function
        If InStr("""%^<>|&!'`$;*?", Mid(said, i, 1)) > 0 Then Exit Function
    Next i
    IsPlain = (said <> "")
End Function

' A name or a path of a program; never a script, which would be read by the command interpreter.
Public Function IsProgram(ByVal said As String) As Boolean
    Dim ending As String
    ending = LCase(Right(said, 4))
    If ending = ".bat" Or ending = ".cmd" Or ending = ".vbs" Or ending = ".ps1" Then Exit Function
    If Left(said, 1) = "-" Or Right(said, 1) = "\" Then Exit Function
    IsProgram = IsPlain(said)
End Function

Public Function Quoted(ByVal said As String) As String
    Quoted = """" & said & """"
End Function

Public Function Exists(ByVal path As String) As Boolean
    On Error Resume Next
    Exists = (Dir(path) <> "")
End Function

Public Sub WriteText(ByVal path As String, ByVal said As String)
    Dim letters() As Byte
    Dim number As Integer
    Remove path
    letters = said
    number = FreeFile
    Open path For Binary Access Write As #number
    Put #number, , letters
    Close #number
End Sub

' "" where there is no such file, or it is just being replaced.
Public Function ReadText(ByVal path As String) As String
    Dim letters() As Byte
    Dim number As Integer
    Dim size As Long
    On Error GoTo Gone
    If Not Exists(path) Then Exit Function
    number = FreeFile
    Open path For Binary Access Read As #number
    size = LOF(number)
    If size > 1 Then
        ReDim letters(0 To size - 1)
        Get #number, , letters
        ReadText = letters
    End If
    Close #number
    Exit Function
Gone:
    ReadText = ""
    On Error Resume Next
    Close #number
End Function

Public Sub Remove(ByVal path As String)
    On Error Resume Next
    If Exists(path) Then Kill path
End Sub
