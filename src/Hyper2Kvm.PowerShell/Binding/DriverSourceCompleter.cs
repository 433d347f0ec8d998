using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes a parameter with what the ISO or folder of -DriverSource holds.</summary>
public abstract class DriverSourceCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = wordToComplete.Trim('\'', '"');
        string[] values;
        try
        {
            values = Source(fakeBoundParameters) is { } path ? [.. Values(path, fakeBoundParameters)] : [];
        }
        catch (Exception exception) when (exception is Hyper2KvmException or IOException or UnauthorizedAccessException or RuntimeException)
        {
            return []; // not there, or no driver source: the cmdlet will say so
        }

        return values.Where(value => value.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(value => new CompletionResult(Text(value), PlainText.Escape(value), CompletionResultType.ParameterValue, PlainText.Escape(value)));
    }

    /// <param name="path">Host path of the ISO or folder.</param>
    /// <param name="parameters">What else the line has.</param>
    protected abstract IEnumerable<string> Values(string path, IDictionary parameters);

    /// <summary>Names come from files: only those that are plain words go without quotes.</summary>
    private static string Text(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? value : NetworkMapCompleter.Quoted(value);

    /// <summary>A path is relative to the location of the session, which only a pipeline within it tells while it completes.</summary>
    private static string? Source(IDictionary parameters)
    {
        if ((parameters["DriverSource"] is PSObject wrapped ? wrapped.BaseObject : parameters["DriverSource"]) is not string { Length: > 0 } path)
        {
            return null;
        }

        using System.Management.Automation.PowerShell session = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return session
            .AddScript("param($path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($path)").AddArgument(path)
            .Invoke<string>().FirstOrDefault();
    }
}
