namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>One whole attribute of a file, put together from all its records.</summary>
internal sealed class AttributeData
{
    /// <summary>The value when it is resident, else null.</summary>
    public byte[]? Resident { get; init; }

    /// <summary>Sorted by VCN, without gaps.</summary>
    public IReadOnlyList<DataRun> Runs { get; init; } = [];

    public required ushort Flags { get; init; }

    /// <summary>Clusters per compression unit as a power of two; 0 when not compressed.</summary>
    public int CompressionUnit { get; init; }

    public long AllocatedSize { get; init; }

    /// <summary>Bytes of the value.</summary>
    public required long DataSize { get; init; }

    /// <summary>Bytes that were ever written; those after it read as zero.</summary>
    public long InitializedSize { get; init; }

    public bool IsCompressed => (Flags & AttributeView.CompressedFlag) != 0 && CompressionUnit > 0;

    public bool IsEncrypted => (Flags & AttributeView.EncryptedFlag) != 0;

    public bool IsSparse => (Flags & AttributeView.SparseFlag) != 0;
}
