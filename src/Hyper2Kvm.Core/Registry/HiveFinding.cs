namespace Hyper2Kvm.Registry;

/// <summary>Something in a hive that is not as it should be. Two findings are equal when they say the same of the same place.</summary>
/// <param name="Id">What kind: <c>HiveCellDamaged</c>, <c>HiveSubkeysUnsorted</c> …</param>
/// <param name="CellOffset">Where, in bytes from the start of the hive bins; -1 for the hive as a whole.</param>
/// <param name="Message">For people.</param>
public sealed record HiveFinding(string Id, long CellOffset, string Message)
{
    /// <summary>Id of the one finding that is no fault: cells in use that no key leads to, lost but harmless.</summary>
    public const string Unreachable = "HiveCellsUnreachable";

    /// <summary>Worth knowing, but no damage.</summary>
    public bool IsInformation => Id == Unreachable;

    /// <summary>Id, place and message.</summary>
    public override string ToString() => CellOffset < 0 ? $"{Id}: {Message}" : $"{Id} at 0x{CellOffset:X}: {Message}";
}
