namespace Hyper2Kvm;

/// <summary>Something about a boot store that matters for booting this disk.</summary>
/// <param name="Id">Stable id, for example <c>BcdDeviceNotOnDisk</c>.</param>
/// <param name="Severity">Error means that the guest will not start from this store.</param>
/// <param name="Message">What, where, and what to do.</param>
public sealed record BcdFinding(string Id, FindingSeverity Severity, string Message)
{
    public override string ToString() => $"{Severity} {Id}";
}
