using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -NetworkName with the libvirt networks of this host.</summary>
public sealed class NetworkNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        HostNetworks.Libvirt
            .Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(NetworkMapCompleter.Quoted(name), name, CompletionResultType.ParameterValue, $"libvirt network {name}"));
}
