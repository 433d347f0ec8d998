namespace Hyper2Kvm.Inf;

/// <summary>One line of an AddReg section.</summary>
/// <param name="Root">HKR, HKLM, HKCR, HKCU, HKU; upper case.</param>
/// <param name="Key">Path below the root, resolved; empty for the root itself.</param>
/// <param name="Name">Value name, resolved; empty for the default value; null when only the key is asked for.</param>
/// <param name="Flags">FLG_ADDREG_* as written; 0 when omitted.</param>
/// <param name="Type">REG_* number; 0 when only the key is asked for.</param>
/// <param name="Data">As stored in a hive: little-endian, strings UTF-16LE with their terminators.</param>
public sealed record InfRegistryValue(string Root, string Key, string? Name, int Flags, int Type, IReadOnlyList<byte> Data)
{
    /// <summary>FLG_ADDREG_DELVAL or FLG_ADDREG_OVERWRITEONLY: writes nothing where nothing was before.</summary>
    public bool NeedsExistingValue => (Flags & 0x24) != 0;
}
