@echo off
rem Installs cchc-xl from this folder. Only ASCII here: the console has another code page.
cd /d "%~dp0"
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0cai-dat.ps1"
if errorlevel 1 echo CHUA CAI DUOC. Xem dong bao loi o tren.
pause
