# Cài cchc-xl từ thư mục này, không cần mạng, không cần quyền quản trị.
$ErrorActionPreference = "Stop"
Set-Location -LiteralPath $PSScriptRoot
$home_ = Join-Path $env:LOCALAPPDATA "cchc-xl"

function Find-Python {
    foreach ($candidate in @("py", "python")) {
        $found = Get-Command $candidate -ErrorAction SilentlyContinue
        if ($found) {
            $said = & $found.Source -c "import sys; print(sys.version_info >= (3, 11))" 2>$null
            if ($said -eq "True") { return $found.Source }
        }
    }
    $own = Join-Path $home_ "python\python.exe"
    if (Test-Path -LiteralPath $own) { return $own }
    return $null
}

$python = Find-Python
if (-not $python) {
    $installer = Get-Item -Path "python-3*-amd64.exe" -ErrorAction SilentlyContinue | Select-Object -Last 1
    if (-not $installer) { throw "Máy chưa có Python 3.11 trở lên. Chép bộ cài python-3.12.x-amd64.exe (từ python.org) vào thư mục này rồi chạy lại." }
    Write-Host "Đang cài Python..."
    $target = Join-Path $home_ "python"
    $arguments = @("/quiet", "InstallAllUsers=0", "PrependPath=0", "Include_launcher=0", "Include_test=0", "TargetDir=`"$target`"")
    Start-Process -FilePath $installer.FullName -ArgumentList $arguments -Wait
    $python = Find-Python
    if (-not $python) { throw "Không cài được Python." }
}

Write-Host "Đang cài cchc-xl..."
$venv = Join-Path $home_ "chuong-trinh"
& $python -m venv $venv
if ($LASTEXITCODE) { throw "Không tạo được thư mục $venv." }
$wheel = (Get-Item "goi\cchc_xl-*.whl" | Select-Object -Last 1).FullName
& "$venv\Scripts\python.exe" -m pip install --quiet --no-index --find-links goi --force-reinstall --no-deps $wheel
if ($LASTEXITCODE) { throw "Không cài được cchc-xl." }
& "$venv\Scripts\python.exe" -m pip install --quiet --no-index --find-links goi "$wheel[mail,legacy,excel]"
if ($LASTEXITCODE) { throw "Thiếu gói trong thư mục goi." }

# Để Excel thấy chương trình bằng tên: thêm vào PATH của riêng tài khoản này.
$scripts = Join-Path $venv "Scripts"
$path = [Environment]::GetEnvironmentVariable("Path", "User")
if (-not (($path -split ";") -contains $scripts)) {
    [Environment]::SetEnvironmentVariable("Path", (@($path, $scripts) | Where-Object { $_ }) -join ";", "User")
}
& "$scripts\cchc-xl.exe" --version
Write-Host "Xong. Đóng Excel nếu đang mở, chép bang-dieu-hanh.xlsm ra thư mục làm việc rồi mở."
