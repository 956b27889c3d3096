# riskmap: installs from the wheels in this folder; no network, no administrator.
$ErrorActionPreference = "Stop"
[Console]::OutputEncoding = [System.Text.Encoding]::UTF8
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$target = Join-Path $env:LOCALAPPDATA "riskmap"

function Find-Python {
    # What a wrong Python writes to stderr is no reason to stop.
    $ErrorActionPreference = "Continue"
    foreach ($try in @(@("py", "-3.11"), @("python"), @("python3"))) {
        $command, $more = $try
        if (-not (Get-Command $command -ErrorAction SilentlyContinue)) { continue }
        $code = "import sys,struct;print(sys.version_info[:2]==(3,11) and struct.calcsize('P')==8)"
        $answer = & $command @($more | Where-Object { $_ }) -c $code 2>$null
        if ("$answer" -eq "True") { return ,@($command, $more) }
    }
    return $null
}

$python = Find-Python
if (-not $python) {
    $setup = Get-ChildItem -Path $here -Filter "python-3.11*amd64.exe" | Select-Object -First 1
    if (-not $setup) {
        Write-Host "No 64-bit Python 3.11 found. Put python-3.11.x-amd64.exe beside this file and run again."
        exit 1
    }
    Start-Process -Wait -FilePath $setup.FullName -ArgumentList "/quiet InstallAllUsers=0 PrependPath=1 Include_launcher=1"
    $python = @((Join-Path $env:LOCALAPPDATA "Programs\Python\Python311\python.exe"), $null)
}
$command, $more = $python
Write-Host "Installing in $target; this takes a few minutes ..."
& $command @($more | Where-Object { $_ }) -m venv $target
if ($LASTEXITCODE) { exit 1 }
$inside = Join-Path $target "Scripts\python.exe"
$wheel = Get-ChildItem -Path (Join-Path $here "wheels") -Filter "riskmap-*.whl" | Select-Object -First 1
& $inside -m pip install -q --no-index --find-links (Join-Path $here "wheels") "riskmap[dask,postgis,rasters] @ $(([System.Uri]$wheel.FullName).AbsoluteUri)"
if ($LASTEXITCODE) { exit 1 }
& (Join-Path $target "Scripts\riskmap.exe") --version
Write-Host "Installed in $target. Next: $target\Scripts\riskmap.exe demo"
