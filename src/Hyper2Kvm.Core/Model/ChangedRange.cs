namespace Hyper2Kvm;

/// <summary>A range of the disk that an edit changed.</summary>
/// <param name="Offset">First byte on the disk as the guest sees it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Before">SHA-256 of these bytes before the edit, in lower-case hexadecimal.</param>
/// <param name="After">SHA-256 of these bytes after the edit.</param>
public sealed record ChangedRange(long Offset, long Length, string Before, string After)
{
    public override string ToString() => $"0x{Offset:X}+0x{Length:X}";
}
