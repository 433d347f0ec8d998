namespace Hyper2Kvm;

/// <summary>A registry key of a powered-off Windows, as the drive of the provider WindowsHive shows it.</summary>
public sealed record WindowsRegistryKey
{
    /// <summary>The last part of its path, as stored, control characters written <c>\uXXXX</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it really is: hive and keys, <c>SYSTEM\ControlSet001\Services\viostor</c>.</summary>
    public required string FullName { get; init; }

    /// <summary>Keys directly below.</summary>
    public int SubkeyCount { get; init; }

    /// <summary>Names of its values; <c>(default)</c> is the unnamed one.</summary>
    public IReadOnlyList<string> Property { get; init; } = [];

    /// <summary>When the key, its values or its set of subkeys last changed.</summary>
    public DateTime LastWriteTimeUtc { get; init; }

    public override string ToString() => FullName;
}
