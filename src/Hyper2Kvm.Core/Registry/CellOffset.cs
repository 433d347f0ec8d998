namespace Hyper2Kvm.Registry;

/// <summary>Where a cell lies, in bytes from the start of the hive bins (file offset minus 0x1000).</summary>
internal readonly record struct CellOffset(uint Value)
{
    /// <summary>HCELL_NIL: points nowhere.</summary>
    public static CellOffset None { get; } = new(0xFFFFFFFF);

    public bool IsNone => Value == 0xFFFFFFFF;

    /// <summary>Byte offset of the cell in the hive file, for messages.</summary>
    public long FileOffset => (long)Value + HiveBaseBlock.Size;
}
