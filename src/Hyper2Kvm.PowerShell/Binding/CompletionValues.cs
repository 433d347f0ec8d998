using System.Management.Automation;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>What Tab offers of a list of values, as PowerShell takes it letter by letter.</summary>
internal static class CompletionValues
{
    /// <param name="values">All that there are.</param>
    /// <param name="word">What is typed so far, perhaps with a quote before it.</param>
    public static IEnumerable<CompletionResult> Starting(IEnumerable<string> values, string word) => values
        .Where(value => value.StartsWith(word.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
        .Select(value => new CompletionResult(Text(value), PlainText.Escape(value), CompletionResultType.ParameterValue, PlainText.Escape(value)));

    /// <summary>Names may come from files: only those that are plain words go without quotes.</summary>
    private static string Text(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? value : NetworkMapCompleter.Quoted(value);
}
