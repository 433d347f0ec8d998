using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -NetworkMap with a table of the source machine's networks, each to a bridge or libvirt network of this host.</summary>
/// <remarks>The machine is the one of -SourceMachine, -Layout or -InputObject, where that is a variable or named by a path.</remarks>
public sealed class NetworkMapCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string[] networks = [.. Machines(fakeBoundParameters).SelectMany(machine => machine.Nics).Select(nic => nic.NetworkName).Where(name => name.Length > 0).Distinct()];
        IEnumerable<string> targets = HostNetworks.Bridges.Concat(HostNetworks.Libvirt.Select(name => $"network:{name}"));
        return networks.Length == 0 ? [] : targets.Select(target =>
        {
            string table = $"@{{ {string.Join("; ", networks.Select(name => $"{Quoted(name)} = {Quoted(target)}"))} }}";
            return new CompletionResult(table, PlainText.Escape(table), CompletionResultType.ParameterValue, PlainText.Escape($"All to {target}"));
        });
    }

    /// <summary>As PowerShell takes it letter by letter: what a machine's networks are called is somebody else's text.</summary>
    internal static string Quoted(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    private static IEnumerable<SourceMachine> Machines(IDictionary parameters)
    {
        foreach (string name in (string[])["SourceMachine", "Layout", "InputObject"])
        {
            object? value = parameters[name] is PSObject wrapped ? wrapped.BaseObject : parameters[name];
            if ((value as SourceMachine ?? (value as WindowsLayout)?.Machine ?? (value as GuestEdit)?.Layout.Machine) is { } machine)
            {
                yield return machine;
            }
        }
    }
}
