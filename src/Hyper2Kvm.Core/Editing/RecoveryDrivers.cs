using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Editing.Steps;

namespace Hyper2Kvm.Editing;

/// <summary>Adds storage drivers to Windows' recovery environment: an image with drivers of its own, which Windows' own tools change at the first boot.</summary>
/// <remarks><c>reagentc /disable</c> moves the image out of its partition into System32\Recovery, <c>/enable</c> moves it back. A copy is kept until
/// that is done, so a recovery environment that was there stays there whatever fails.</remarks>
public static class RecoveryDrivers
{
    private const int Windows7 = 7600;
    private const string ActionName = "recovery-drivers";

    /// <exception cref="UnsupportedFeatureException"><c>RecoveryWindowsTooOld</c>: before Windows 7 there are no such tools.</exception>
    /// <exception cref="GuestStateException"><c>DriverSourceChanged</c>.</exception>
    public static FirstBootAction For(VirtioDriverPlan plan)
    {
        if (plan.Layout.Windows.Build < Windows7)
        {
            throw new UnsupportedFeatureException(
                "RecoveryWindowsTooOld", $"adding drivers to the recovery environment of {plan.Layout.Windows.ProductName}", plan.ImagePath,
                "Leave -RecoveryEnvironment out; to repair this Windows, attach its disk to IDE or SATA.");
        }

        using DriverSource source = DriverSource.Open(plan.Source);
        Dictionary<string, byte[]> files = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, byte[] content) in plan.Storage.SelectMany(driver => DriverFiles.Read(source, driver)))
        {
            files[name] = content;
        }

        return new FirstBootAction(
            ActionName, FirstBoot.Lines(Script), [.. files.Select(file => new FirstBootFile(file.Key, file.Value))], NeedsPowerShell: false);
    }

    /// <summary>Plain cmd. The older spelling of dism's options is known to Windows 7 and to all later ones.</summary>
    internal const string Script =
        """
        @echo off
        rem Hyper2Kvm: adds the drivers beside this file to the recovery environment, so that it finds its disk on KVM.
        setlocal EnableExtensions DisableDelayedExpansion
        cd /d "%~dp0"
        set "REAGENTC=%SystemRoot%\System32\reagentc.exe"
        set "DISM=%SystemRoot%\System32\dism.exe"
        set "IMAGE=%SystemRoot%\System32\Recovery\Winre.wim"
        set "KEPT=%SystemRoot%\System32\Recovery\Winre.hyper2kvm"
        set "PART=%SystemRoot%\System32\Recovery\Winre.part"
        set "MOUNT=%SystemRoot%\Hyper2Kvm\WinRE"
        set "CODE=1"
        set "FAILED=0"
        rem Left behind by an attempt that was cut off.
        if not exist "%MOUNT%" goto unmounted
        "%DISM%" /Unmount-Wim /MountDir:"%MOUNT%" /Discard
        "%DISM%" /Cleanup-Wim
        rd /s /q "%MOUNT%"
        :unmounted
        if exist "%PART%" del /f "%PART%"
        if exist "%KEPT%" move /y "%KEPT%" "%IMAGE%"

        set "ENABLED=1"
        "%REAGENTC%" /disable
        if errorlevel 1 set "ENABLED=0"
        if exist "%IMAGE%" goto found
        echo There is no recovery environment, or reagentc does not give it out.
        goto enable

        :found
        rem It is hidden, and copy passes over what is. The copy bears its name only once it is whole.
        "%SystemRoot%\System32\attrib.exe" -h -s -r "%IMAGE%"
        copy /y /b "%IMAGE%" "%PART%"
        if errorlevel 1 goto enable
        move /y "%PART%" "%KEPT%"
        if errorlevel 1 goto enable
        md "%MOUNT%"
        "%DISM%" /Mount-Wim /WimFile:"%IMAGE%" /Index:1 /MountDir:"%MOUNT%"
        if errorlevel 1 goto restore
        for %%I in (*.inf) do call :add "%%~fI"
        if "%FAILED%"=="1" goto discard
        "%DISM%" /Unmount-Wim /MountDir:"%MOUNT%" /Commit
        if errorlevel 1 goto discard
        set "CODE=0"
        if "%ENABLED%"=="0" goto cleanup
        "%REAGENTC%" /enable
        if not errorlevel 1 goto cleanup
        echo The changed image was not taken, perhaps for want of room: the one of before goes back.
        set "CODE=1"
        goto restore

        :discard
        "%DISM%" /Unmount-Wim /MountDir:"%MOUNT%" /Discard
        :restore
        move /y "%KEPT%" "%IMAGE%"
        :enable
        if "%ENABLED%"=="1" "%REAGENTC%" /enable
        :cleanup
        if exist "%PART%" del /f "%PART%"
        if exist "%KEPT%" del /f "%KEPT%"
        if exist "%MOUNT%" rd /s /q "%MOUNT%"
        exit /b %CODE%

        :add
        "%DISM%" /Image:"%MOUNT%" /Add-Driver /Driver:%1
        if errorlevel 1 set "FAILED=1"
        exit /b 0

        """;
}
