using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace Hyper2Kvm.Shell;

/// <summary>One engine and what runs on it. A signal stops the pipeline, not the process, so that cmdlets clean up.</summary>
internal sealed class ShellSession : IDisposable
{
    private readonly ShellUserInterface _userInterface;
    private readonly ShellHost _host;
    private readonly Runspace _runspace;
    private readonly Lock _lock = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private PowerShell? _running;
    private int? _stoppedBy;

    public ShellSession(ShellOptions options)
    {
        _userInterface = new ShellUserInterface(options.NonInteractive);
        _host = new ShellHost(_userInterface);
        AddModuleFolder();
        InitialSessionState state = InitialSessionState.CreateDefault2();
        StandIns.AddTo(state);
        if (OperatingSystem.IsWindows() && options.ExecutionPolicy is { } policy)
        {
            state.ExecutionPolicy = policy;
        }

        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, ExitCodes.Interrupted)));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, ExitCodes.Terminated)));
    }

    /// <summary>What <c>exit</c> said, or null.</summary>
    public int? ExitCode => _host.RequestedExitCode;

    public string Location => _runspace.SessionStateProxy.Path.CurrentLocation.Path;

    /// <summary>Runs script text as <c>pwsh -Command</c> does: 1 when the last statement failed.</summary>
    public int RunCommand(string text)
    {
        int code = Run(new Command(text, isScript: true, useLocalScope: false));
        return code == ExitCodes.Success && ExitCode is null && _runspace.SessionStateProxy.GetVariable("?") is false
            ? ExitCodes.Failure
            : code;
    }

    /// <summary>Runs a script file as <c>pwsh -File</c> does: its own exit code, else 0, or 1 after a terminating error.</summary>
    public int RunFile(string path, IReadOnlyList<string> arguments)
    {
        string fullPath = Path.GetFullPath(path);
        if (!File.Exists(fullPath))
        {
            _userInterface.WriteErrorLine($"{path}: there is no such script file.");
            return ExitCodes.BadCommandLine;
        }

        Command script = new(fullPath, isScript: false, useLocalScope: false);
        foreach (string argument in arguments)
        {
            script.Parameters.Add(ScriptArgument.Parse(argument));
        }

        EngineInternals.LetScriptFileExit(_runspace);
        return Run(script);
    }

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _runspace.Dispose();
    }

    /// <summary>Makes the module that came with this program known, after what the user has set: it lies beside the program's folder, or within
    /// it where the program is a dotnet tool.</summary>
    private static void AddModuleFolder()
    {
        string home = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string? found = new[] { Path.Combine(home, "Modules"), Path.GetDirectoryName(home) }
            .FirstOrDefault(folder => folder is not null && Directory.Exists(Path.Combine(folder, "Hyper2Kvm")));
        if (found is not null)
        {
            string? existing = Environment.GetEnvironmentVariable("PSModulePath");
            Environment.SetEnvironmentVariable(
                "PSModulePath", string.IsNullOrEmpty(existing) ? found : $"{existing}{Path.PathSeparator}{found}");
        }
    }

    private int Run(Command command)
    {
        using PowerShell shell = PowerShell.Create(_runspace);
        shell.Commands.AddCommand(command);
        shell.AddCommand("Out-Default");
        shell.Streams.Error.DataAdded += (_, added) => _userInterface.WriteErrorLine(ErrorText.Of(shell.Streams.Error[added.Index]));
        lock (_lock)
        {
            _running = shell;
            _stoppedBy = null;
        }

        int code = ExitCodes.Success;
        try
        {
            // Without history the engine puts $? back to what it was before.
            shell.Invoke(input: null, new PSInvocationSettings { AddToHistory = true });
        }
        catch (PipelineStoppedException)
        {
            code = _stoppedBy ?? ExitCodes.Failure;
        }
        catch (RuntimeException exception)
        {
            _userInterface.WriteErrorLine(ErrorText.Of(exception.ErrorRecord));
            code = ExitCodes.Failure;
        }
        finally
        {
            lock (_lock)
            {
                _running = null;
            }

            _userInterface.ClearProgress();
        }

        return _stoppedBy ?? ExitCode ?? code;
    }

    /// <summary>Runs on a thread of its own. Questions come before any change, so there is nothing to clean up while one stands.</summary>
    private void Stop(PosixSignalContext context, int exitCode)
    {
        if (_userInterface.IsWaitingForUser)
        {
            Environment.Exit(exitCode);
        }

        context.Cancel = true;
        lock (_lock)
        {
            _stoppedBy = exitCode;
            _running?.BeginStop(null, null);
        }
    }
}
