namespace Hyper2Kvm;

/// <summary>Something about a boot store, or what starts it, that matters for booting this disk.</summary>
/// <param name="Id">Stable id, for example <c>BcdDeviceNotOnDisk</c>.</param>
/// <param name="Severity">Error means that the guest will not start from this store.</param>
/// <param name="Place">Where: an element of an object of the store, a file, or a partition.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do about it; empty where there is nothing to do.</param>
public sealed record BcdFinding(string Id, FindingSeverity Severity, string Place, string Message, string Remedy)
{
    /// <summary><c>Repair-Bcd</c> knows how to put it right on this disk.</summary>
    public bool IsRepairable { get; init; }

    public override string ToString() => $"{Severity} {Id}";
}
