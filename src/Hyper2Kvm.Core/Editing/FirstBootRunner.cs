namespace Hyper2Kvm.Editing;

/// <summary>What the guest runs at its starts until all first-boot actions are done.</summary>
/// <remarks>
/// A service whose program is cmd.exe: it never answers the service manager, so it starts the runner and ends at once; the runner is a
/// process of its own by then, as LocalSystem, in session 0, before anybody logs on. The event log gets one failed start (7000) for it.
/// Neither a Windows that is started in safe mode nor one without PowerShell minds. See docs/Architecture.md for what else was weighed.
/// </remarks>
internal static class FirstBootRunner
{
    public const string Service = "Hyper2KvmFirstBoot";

    /// <summary>Below WindowsRoot, where only administrators may write: what lies there runs as LocalSystem.</summary>
    public const string Folder = @"Hyper2Kvm\FirstBoot";

    public const string Actions = "actions";

    public const string FileName = "firstboot.cmd";

    public const string ImagePath =
        @"%SystemRoot%\System32\cmd.exe /d /c start """" /b %SystemRoot%\System32\cmd.exe /d /c %SystemRoot%\Hyper2Kvm\FirstBoot\firstboot.cmd";

    /// <summary>Plain cmd, for every Windows from XP on. A value that changes within a line is only read in a line of its own.</summary>
    public static string Script { get; } = FirstBoot.Lines(
        """
        @echo off
        rem Hyper2Kvm first boot. Runs the folders of "actions" in order, each until it has succeeded, at most three times, once a start.
        rem The service Hyper2KvmFirstBoot starts this at each start of Windows; it is deleted here when all is done.
        setlocal EnableExtensions DisableDelayedExpansion
        set "ROOT=%~dp0"
        set "SERVICE=Hyper2KvmFirstBoot"
        set "MOST=3"
        cd /d "%ROOT%"
        if not exist firstboot.cmd exit /b 1
        if not exist logs md logs
        rem Only one at a time: a second one cannot open this file for writing, and its call is not made.
        call :main 9>running.lock
        exit /b 0

        :main
        set "PENDING=0"
        set "FAILED=0"
        set "RESTART=0"
        call :log started
        for /f "delims=" %%A in ('dir /b /ad /on actions 2^>nul') do call :action "%%A"
        call :result
        if "%PENDING%"=="1" goto finish
        if "%FAILED%"=="1" goto give_up
        call :log all done, removing the service
        "%SystemRoot%\System32\sc.exe" delete %SERVICE% >>firstboot.log 2>&1
        rd /s /q actions
        goto finish
        :give_up
        call :log gave up, disabling the service
        "%SystemRoot%\System32\sc.exe" config %SERVICE% start= disabled >>firstboot.log 2>&1
        :finish
        if "%RESTART%"=="0" exit /b 0
        call :log restarting
        "%SystemRoot%\System32\shutdown.exe" /r /f /t 10 >>firstboot.log 2>&1
        exit /b 0

        :action
        set "FOLDER=%ROOT%actions\%~1"
        if exist "%FOLDER%\done" exit /b 0
        if not "%RESTART%"=="2" goto due
        set "PENDING=1"
        exit /b 0
        :due
        set "COUNT=0"
        if exist "%FOLDER%\attempts" set /p COUNT=<"%FOLDER%\attempts"
        set /a COUNT+=0
        if %COUNT% LSS %MOST% goto run
        set "FAILED=1"
        exit /b 0
        :run
        rem Counted before it runs: one that stops the machine is not tried for ever.
        set /a COUNT+=1
        >"%FOLDER%\attempts" echo %COUNT%
        call :log %~1 attempt %COUNT%
        "%ComSpec%" /d /c ""%FOLDER%\run.cmd"" >>"%ROOT%logs\%~1.log" 2>&1 <nul
        set "CODE=%ERRORLEVEL%"
        >"%FOLDER%\code" echo %CODE%
        call :log %~1 ended with %CODE%
        if "%CODE%"=="0" goto succeeded
        if "%CODE%"=="3010" goto wants_restart
        if "%CODE%"=="1641" goto restarts
        if "%CODE%"=="1237" goto once_more
        if %COUNT% GEQ %MOST% goto failed
        set "PENDING=1"
        exit /b 0
        :failed
        set "FAILED=1"
        exit /b 0
        :once_more
        rem Done for now, and once more at the next start, for five starts: settings for a card that may not be there yet.
        set "LATER=0"
        if exist "%FOLDER%\later" set /p LATER=<"%FOLDER%\later"
        set /a LATER+=1
        >"%FOLDER%\later" echo %LATER%
        if %LATER% GEQ 5 goto succeeded
        del "%FOLDER%\attempts"
        set "PENDING=1"
        exit /b 0
        :wants_restart
        if "%RESTART%"=="0" set "RESTART=1"
        goto succeeded
        :restarts
        set "RESTART=2"
        :succeeded
        >"%FOLDER%\done" echo %CODE%
        exit /b 0

        :result
        set "STATE=done"
        if "%FAILED%"=="1" set "STATE=failed"
        if "%PENDING%"=="1" set "STATE=pending"
        set "COMMA="
        >result.tmp echo {"schema":"hyper2kvm.firstboot.v1","state":"%STATE%","actions":[
        >events.txt echo {"event":"hyper2kvm-firstboot","state":"%STATE%"}
        for /f "delims=" %%A in ('dir /b /ad /on actions 2^>nul') do call :item "%%A"
        >>result.tmp echo ]}
        move /y result.tmp result.json >nul
        rem Whoever listens: the guest agent's channel while no agent holds it, and the first serial port. Nobody waits for them.
        start "" /b "%ComSpec%" /d /c "type events.txt >\\.\Global\org.qemu.guest_agent.0" >nul 2>&1
        start "" /b "%ComSpec%" /d /c "type events.txt >\\.\COM1" >nul 2>&1
        exit /b 0

        :item
        set "IS=pending"
        set "CODE=null"
        set "COUNT=0"
        if exist "actions\%~1\code" set /p CODE=<"actions\%~1\code"
        if exist "actions\%~1\attempts" set /p COUNT=<"actions\%~1\attempts"
        set /a COUNT+=0
        if %COUNT% GEQ %MOST% set "IS=failed"
        if exist "actions\%~1\done" set "IS=done"
        >>result.tmp echo %COMMA%{"name":"%~1","state":"%IS%","exitCode":%CODE%,"attempts":%COUNT%}
        >>events.txt echo {"event":"hyper2kvm-firstboot","action":"%~1","state":"%IS%","exitCode":%CODE%}
        set "COMMA=,"
        exit /b 0

        :log
        >>firstboot.log echo %DATE% %TIME% %*
        exit /b 0

        """);
}
