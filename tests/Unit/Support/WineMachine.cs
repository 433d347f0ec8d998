using System.Diagnostics;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A Windows of Wine's in a folder of the test's own: its cmd.exe, service manager and registry are nobody's here.</summary>
internal sealed class WineMachine : IDisposable
{
    private readonly TempFolder _folder = new();

    public WineMachine() => Run("wine", "cmd", "/d", "/c", "exit /b 0");

    /// <summary>Host path of its <c>C:\windows</c>.</summary>
    public string WindowsRoot => _folder.File("prefix/drive_c/windows");

    /// <summary>One start of the machine: services that start by themselves do, and it ends when nothing runs any more.</summary>
    public void Start() => Run("wine", "cmd", "/d", "/c", "exit /b 0");

    /// <summary>Brings a .reg file into its registry.</summary>
    public void Import(string regFile) => Run("wine", "regedit", "/S", regFile);

    /// <summary>Looked up in the file of its registry, since any program that runs is a start of the machine.</summary>
    /// <param name="key">Below HKEY_LOCAL_MACHINE.</param>
    public bool HasKey(string key) =>
        File.ReadAllText(_folder.File("prefix/system.reg")).Contains($"[{key.Replace(@"\", @"\\", StringComparison.Ordinal)}]", StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs one program, then waits until the last process of the machine is gone.</summary>
    private void Run(string name, params string[] arguments)
    {
        Execute(name, arguments);
        Execute("wineserver", "-w");
    }

    private void Execute(string name, params string[] arguments)
    {
        ProcessStartInfo start = new(ForeignTool.Find(name)!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["WINEPREFIX"] = _folder.File("prefix");
        start.Environment["WINEDEBUG"] = "-all";
        start.Environment["WINEDLLOVERRIDES"] = "mscoree,mshtml=d";
        start.Environment["HOME"] = _folder.Path;
        start.Environment.Remove("DISPLAY");

        // Not read to its end: services inherit these and outlive the program.
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), $"{name} {string.Join(' ', arguments)} does not end");
        Assert.Equal(0, process.ExitCode);
    }
}
