namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>One attribute as <see cref="NtfsChecker"/> sees it: a record of it, or all its records put together.</summary>
/// <param name="Type">Type code.</param>
/// <param name="Name">Empty for the unnamed one.</param>
/// <param name="Instance">Unique within its file record.</param>
/// <param name="Flags">Compressed, sparse, encrypted.</param>
/// <param name="Value">The value of a resident attribute, else null.</param>
/// <param name="Runs">Of a non-resident one; they start at <paramref name="LowestVcn"/>.</param>
/// <param name="LowestVcn">0 for the first record.</param>
/// <param name="AllocatedSize">Valid in the first record, as the following sizes.</param>
/// <param name="DataSize">Bytes of the value.</param>
/// <param name="InitializedSize">Bytes that were ever written.</param>
/// <param name="TotalAllocated">Bytes of clusters that are there, when compressed or sparse.</param>
/// <param name="CompressionUnit">Clusters of a unit, as a power of two.</param>
/// <param name="IsIndexed">A resident value that an index holds, too.</param>
internal sealed record NtfsCheckerAttribute(
    uint Type,
    string Name,
    ushort Instance,
    ushort Flags,
    byte[]? Value,
    IReadOnlyList<DataRun> Runs,
    long LowestVcn,
    long AllocatedSize,
    long DataSize,
    long InitializedSize,
    long TotalAllocated,
    int CompressionUnit,
    bool IsIndexed)
{
    public bool IsCompressed => (Flags & AttributeView.CompressedFlag) != 0;

    public bool IsSparse => (Flags & AttributeView.SparseFlag) != 0;

    /// <summary>First VCN after the runs.</summary>
    public long EndVcn => Runs.Count == 0 ? LowestVcn : Runs[^1].EndVcn;

    public override string ToString() => Name.Length == 0 ? $"attribute 0x{Type:X}" : $"attribute 0x{Type:X} '{Name}'";
}
