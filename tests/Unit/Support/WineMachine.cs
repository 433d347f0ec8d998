using System.Diagnostics;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A Windows of Wine's in a folder of its own, made when a test asks for it first: its cmd.exe, service manager and registry are
/// nobody's here.</summary>
public sealed class WineMachine : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly TempFolder _folder = new();

    private bool _isMade;

    /// <summary>Host path of its <c>C:\windows</c>.</summary>
    public string WindowsRoot
    {
        get
        {
            if (!_isMade)
            {
                Run("wine", "cmd", "/d", "/c", "exit /b 0");
                _isMade = true;
            }

            return _folder.File("prefix/drive_c/windows");
        }
    }

    /// <summary>One start of the machine: services that start by themselves do, and it ends when nothing runs any more.</summary>
    /// <param name="log">A file that says "started" once more when the awaited service runs. Until then a program waits in the machine, which
    /// would go down without one.</param>
    public void Start(string log)
    {
        int Count() => File.Exists(log) ? File.ReadAllText(log).Split("started").Length : 0;
        int before = Count();
        using (Process waiting = Process.Start(Command("wine", "cmd", "/d", "/c", "set /p LINE="))!)
        {
            Assert.True(SpinWait.SpinUntil(() => Count() > before, s_patience), "the service does not start");
            waiting.StandardInput.Close();
            Assert.True(waiting.WaitForExit(s_patience), "the machine does not go down");
        }

        Execute("wineserver", "-w");
    }

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
        using Process process = Process.Start(Command(name, arguments))!;
        process.StandardInput.Close();

        // Not read to their ends: services inherit these and outlive the program.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Assert.True(process.WaitForExit(s_patience), $"{name} {string.Join(' ', arguments)} does not end");
        Assert.Equal(0, process.ExitCode);
    }

    private ProcessStartInfo Command(string name, params string[] arguments)
    {
        ProcessStartInfo start = new(ForeignTool.Find(name)!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["WINEPREFIX"] = _folder.File("prefix");
        start.Environment["WINEDEBUG"] = "-all";
        start.Environment["WINEDLLOVERRIDES"] = "mscoree,mshtml=d";
        start.Environment["HOME"] = _folder.Path;
        start.Environment.Remove("DISPLAY");
        return start;
    }
}
