using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes a parameter with what a file or folder holds that the same line names.</summary>
/// <param name="pathParameters">The parameters that name it.</param>
public abstract class FileContentCompleter(params string[] pathParameters) : IArgumentCompleter
{
    /// <summary>Who pressed Tab waits no longer: a share may be slow, a folder may be huge.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string[] values = [];
        try
        {
            if (HostPath(fakeBoundParameters) is { } path)
            {
                using CancellationTokenSource late = new(s_patience);
                values = Interruption.StopsBy<string[]>(() => [.. Values(path, fakeBoundParameters)], late.Token);
            }
        }
        catch (Exception exception) when (ErrorRecords.Covers(exception) || exception is RuntimeException or ArgumentException or OperationCanceledException)
        {
            return []; // not there, or not what it should be: the cmdlet will say so
        }

        return CompletionValues.Starting(values, wordToComplete);
    }

    /// <param name="path">Host path of the file or folder.</param>
    /// <param name="parameters">What else the line has.</param>
    protected abstract IEnumerable<string> Values(string path, IDictionary parameters);

    /// <summary>A path is relative to the location of the session, which only a pipeline within it tells while it completes. It must not fail there: that would
    /// be in $Error.</summary>
    private string? HostPath(IDictionary parameters)
    {
        if (pathParameters.Select(name => FirstText(parameters[name])).FirstOrDefault(text => text is not null) is not { } path)
        {
            return null;
        }

        using System.Management.Automation.PowerShell session = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return session.AddScript("$ExecutionContext.SessionState.Path").Invoke<PathIntrinsics>() is [{ } paths] ? new ImagePathResolver(paths).HostPath(path) : null;
    }

    /// <summary>A parameter that takes several paths may have a list of them.</summary>
    private static string? FirstText(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        string { Length: > 0 } text => text,
        FileSystemInfo file => file.FullName,
        object[] { Length: > 0 } several => FirstText(several[0]),
        _ => null,
    };
}
