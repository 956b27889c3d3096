@echo off
rem riskmap: installs from the wheels in this folder; no network, no administrator.
rem install.bat FOLDER installs elsewhere, and does not wait for a key at the end.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
set "result=%errorlevel%"
if "%~1"=="" pause
exit /b %result%
