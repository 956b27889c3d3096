# riskmap: installs from the wheels in this folder; no network, no administrator.
# For Windows PowerShell 5.1, which is on every Windows 10 and 11.
param([string]$Target = (Join-Path $env:LOCALAPPDATA "riskmap"))
$ErrorActionPreference = "Stop"
$wheels = Join-Path $PSScriptRoot "wheels"

function Stop-Here([string]$Why) {
    Write-Host $Why
    exit 1
}

function Find-Python {
    # What a wrong Python writes to stderr is no reason to stop.
    $ErrorActionPreference = "Continue"
    $code = "import sys,sysconfig;print(sys.version_info[:2]==(3,11) and sysconfig.get_platform()=='win-amd64')"
    foreach ($try in @(@("py", "-3.11"), @("python"), @("python3"))) {
        $command, $more = $try
        if (-not (Get-Command $command -ErrorAction SilentlyContinue)) { continue }
        $answer = & $command @($more | Where-Object { $_ }) -c $code 2>$null
        if ("$answer" -eq "True") { return ,@($command, $more) }
    }
    return $null
}

function Install-Python {
    # For this user alone; the launcher would ask for an administrator.
    $setup = Get-ChildItem -LiteralPath $PSScriptRoot -Filter "python-3.11*amd64.exe" | Select-Object -First 1
    if (-not $setup) {
        Stop-Here "没有找到 64 位 Python 3.11。请把 python-3.11.x-amd64.exe 放到本文件夹，再运行一次。"
    }
    $folder = Join-Path $env:LOCALAPPDATA "Programs\Python\Python311"
    $words = "/quiet InstallAllUsers=0 Include_launcher=0 PrependPath=0 TargetDir=`"$folder`""
    $ran = Start-Process -Wait -PassThru -FilePath $setup.FullName -ArgumentList $words
    $python = Join-Path $folder "python.exe"
    if ($ran.ExitCode -or -not (Test-Path -LiteralPath $python)) {
        Stop-Here "Python 3.11 没有装上（代码 $($ran.ExitCode)）。请双击 $($setup.Name) 手工安装，再运行一次。"
    }
    return ,@($python, $null)
}

$wheel = Get-ChildItem -LiteralPath $wheels -Filter "riskmap-*.whl" | Select-Object -First 1
if (-not $wheel) { Stop-Here "wheels 文件夹里没有 riskmap；请把压缩包整个解压后再运行。" }
$python = Find-Python
if (-not $python) { $python = Install-Python }
$command, $more = $python
Write-Host "正在装到 $Target，约需几分钟 ..."
& $command @($more | Where-Object { $_ }) -m venv $Target
if ($LASTEXITCODE) { Stop-Here "没有装成：建不了 $Target。" }
$inside = Join-Path $Target "Scripts\python.exe"
# An address, since pip takes spaces and brackets in a path for its own signs.
$address = & $inside -c "import pathlib,sys;print(pathlib.Path(sys.argv[1]).as_uri())" $wheel.FullName
& $inside -m pip install -q --disable-pip-version-check --no-index --find-links $wheels "riskmap[dask,postgis,rasters] @ $address"
if ($LASTEXITCODE) { Stop-Here "没有装成，原因见上。" }
& $inside -c "import geopandas, rasterio, numba, osmium, matplotlib, distributed"
if ($LASTEXITCODE) { Stop-Here "已装好，但依赖打不开，原因见上；多半缺 Microsoft Visual C++ 运行库。" }
& (Join-Path $Target "Scripts\riskmap.exe") --version
if ($LASTEXITCODE) { Stop-Here "已装好，但 riskmap 打不开，原因见上。" }
Write-Host "已装到 $Target。试一试：`"$Target\Scripts\riskmap.exe`" demo"
