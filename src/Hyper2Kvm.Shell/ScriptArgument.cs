using System.Management.Automation.Runspaces;

namespace Hyper2Kvm.Shell;

/// <summary>An argument of <c>-File script arguments</c>, bound as pwsh binds it.</summary>
internal static class ScriptArgument
{
    /// <summary><c>-Name</c>, <c>-Name:value</c>, <c>-Switch:$true</c>; anything else is a value.</summary>
    public static CommandParameter Parse(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-' || !(char.IsLetter(argument[1]) || argument[1] is '_' or '?'))
        {
            return new CommandParameter(null, argument);
        }

        int colon = argument.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return new CommandParameter(argument);
        }

        string name = argument[..colon];
        return argument[(colon + 1)..].ToLowerInvariant() switch
        {
            "" => new CommandParameter(name),
            "$true" => new CommandParameter(name, true),
            "$false" => new CommandParameter(name, false),
            _ => new CommandParameter(name, argument[(colon + 1)..]),
        };
    }
}
