using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes a parameter with its usual values, where others are as good.</summary>
/// <param name="values">In the order in which they are offered.</param>
public abstract class UsualValueCompleter(params string[] values) : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionValues.Starting(values, wordToComplete);
}
