# Làm thư mục bo-cai: mọi thứ cần để cài trên máy Windows không có mạng. Chạy trên một máy Windows có mạng và có Python.
#   powershell -ExecutionPolicy Bypass -File lam-bo-cai.ps1
$ErrorActionPreference = "Stop"
Set-Location -LiteralPath $PSScriptRoot
if (Test-Path bo-cai) { Remove-Item -Recurse -Force bo-cai }
New-Item -ItemType Directory bo-cai\goi | Out-Null
py -m pip wheel --quiet --no-deps --wheel-dir bo-cai\goi ..\..
if ($LASTEXITCODE) { throw "Không làm được gói cchc-xl." }
$wheel = (Get-Item bo-cai\goi\cchc_xl-*.whl).FullName
py -m pip download --quiet --dest bo-cai\goi --only-binary=:all: "$wheel[mail,legacy,excel]"
if ($LASTEXITCODE) { throw "Không tải được các gói cần thiết." }
Copy-Item cai-dat.bat, cai-dat.ps1, ..\bang-dieu-hanh.xlsm bo-cai
Write-Host "Xong: chép thư mục bo-cai sang máy kia, bấm đúp cai-dat.bat."
