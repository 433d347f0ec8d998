@echo off
rem build [build|test|demo|docs|package|clean]: runs build.ps1 with pwsh, or with the bundled shell, which is built first.
setlocal
cd /d "%~dp0"
set "task=%~1"
if "%task%"=="" set "task=build"
where pwsh >nul 2>nul && goto pwsh
dotnet build src\Hyper2Kvm.Shell -c Release -v q --nologo -nodeReuse:false || exit /b 1
src\Hyper2Kvm.Shell\bin\Release\net10.0\hyper2kvm.exe -NoProfile -ExecutionPolicy Bypass -File build.ps1 -Task %task%
exit /b %errorlevel%
:pwsh
pwsh -NoProfile -ExecutionPolicy Bypass -File build.ps1 -Task %task%
exit /b %errorlevel%
