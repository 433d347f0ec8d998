namespace Hyper2Kvm;

/// <summary>One object of a boot store.</summary>
public sealed record BcdEntry
{
    /// <summary>Object GUID in braces.</summary>
    public required string Id { get; init; }

    /// <summary><c>{bootmgr}</c>, <c>{default}</c> ...; the GUID when there is no alias.</summary>
    public required string Alias { get; init; }

    /// <summary>For people: "Windows Boot Manager", "Windows Boot Loader" ...</summary>
    public required string Type { get; init; }

    public string? Description { get; init; }

    /// <summary>Loader path, or null.</summary>
    public string? Path { get; init; }

    /// <summary>Device element in words, resolved to a partition of this disk where possible; or null.</summary>
    public string? Device { get; init; }

    public string? OsDevice { get; init; }

    /// <summary>All its elements, in the order of their types.</summary>
    public IReadOnlyList<BcdSetting> Settings { get; init; } = [];

    public override string ToString() => $"{Alias} {Description}".TrimEnd();
}
