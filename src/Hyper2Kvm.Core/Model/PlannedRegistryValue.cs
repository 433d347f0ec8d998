namespace Hyper2Kvm;

/// <summary>A registry value as an INF asks for it.</summary>
/// <param name="Key">Path below the service or device key; empty for the key itself.</param>
/// <param name="Name">Value name; null when only the key is asked for, empty for the default value.</param>
/// <param name="Type">REG_* number as stored in a hive (1 SZ, 2 EXPAND_SZ, 3 BINARY, 4 DWORD, 7 MULTI_SZ ...).</param>
/// <param name="Data">As stored in a hive, little-endian, strings UTF-16LE with their terminators.</param>
public sealed record PlannedRegistryValue(string Key, string? Name, int Type, IReadOnlyList<byte> Data);
