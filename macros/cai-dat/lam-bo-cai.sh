#!/bin/sh
# Makes the folder bo-cai: everything a Windows computer without internet needs. Run on a computer with internet.
#   sh macros/cai-dat/lam-bo-cai.sh [Python version, 3.12]
set -eu
cd "$(dirname "$0")"
version=${1:-3.12}
rm -rf bo-cai && mkdir -p bo-cai/goi
python3 -m pip wheel --quiet --no-deps --wheel-dir bo-cai/goi ../..
set -- --quiet --dest bo-cai/goi --platform win_amd64 --python-version "$version" --implementation cp --only-binary=:all:
wheel=$(ls bo-cai/goi/cchc_xl-*.whl)
python3 -m pip download "$@" "$wheel[mail,legacy,excel]"
# Needed on Windows only, which the environment markers of another system leave out.
python3 -m pip download "$@" --no-deps pywin32 colorama pywin32-ctypes tzdata
cp cai-dat.bat cai-dat.ps1 ../bang-dieu-hanh.xlsm bo-cai/
echo "$(ls bo-cai/goi | wc -l) goi, $(du -sh bo-cai | cut -f1): macros/cai-dat/bo-cai"
