using System.Management.Automation;

namespace Hyper2Kvm.Shell;

/// <summary>An error as text: who, what, the stable id, and where in a script.</summary>
/// <remarks>pwsh's concise view leaves the id out; scripts test for it, so a log must show it.</remarks>
internal static class ErrorText
{
    public static string Of(ErrorRecord error)
    {
        string who = error.InvocationInfo?.MyCommand?.Name ?? error.CategoryInfo.Activity;
        string what = error.ErrorDetails?.Message ?? error.Exception.Message;
        string where = error.InvocationInfo is { ScriptName: { Length: > 0 } script, ScriptLineNumber: int line } ? $" at {script}:{line}" : "";
        string start = string.IsNullOrEmpty(who) ? what : $"{who}: {what}";
        return $"{start}{Environment.NewLine}  [{error.FullyQualifiedErrorId}]{where}";
    }
}
