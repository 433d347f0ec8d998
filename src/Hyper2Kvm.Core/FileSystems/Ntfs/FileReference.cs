namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Names a file: the number of its file record in the low 48 bits, the record's sequence number above.</summary>
internal readonly record struct FileReference(ulong Value)
{
    public const long MftNumber = 0;
    public const long MirrorNumber = 1;
    public const long LogFileNumber = 2;
    public const long VolumeNumber = 3;
    public const long RootNumber = 5;
    public const long BitmapNumber = 6;
    public const long BadClustersNumber = 8;
    public const long SecureNumber = 9;
    public const long UpcaseNumber = 10;
    public const long ExtendNumber = 11;

    /// <summary>Records below this are the file system's own.</summary>
    public const long FirstUserNumber = 16;

    public FileReference(long number, ushort sequence)
        : this((ulong)number | ((ulong)sequence << 48))
    {
    }

    public long Number => (long)(Value & 0xFFFF_FFFF_FFFF);

    /// <summary>0: any.</summary>
    public ushort Sequence => (ushort)(Value >> 48);

    public override string ToString() => $"0x{Number:X}";
}
