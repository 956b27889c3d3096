@echo off
rem riskmap: installs from the wheels in this folder; no network, no administrator.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1"
if errorlevel 1 pause
