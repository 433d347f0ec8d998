using System.Globalization;

namespace Hyper2Kvm.Diagnostics;

/// <summary>The bytes are wrong: damaged, truncated, or they contradict each other.</summary>
public sealed class DiskFormatException : Hyper2KvmException
{
    /// <param name="errorId">Stable id, for example <c>QcowHeaderDamaged</c>.</param>
    /// <param name="structure">The on-disk structure in the words of its specification, for example <c>NTFS file record 0x2A</c>.</param>
    /// <param name="offset">Byte offset of the fault within what was being read (disk, volume or file; the structure says which).</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="actual">What is there.</param>
    /// <param name="remedy">What the user can do about it.</param>
    /// <param name="inner">The error beneath, or null.</param>
    public DiskFormatException(
        string errorId, string structure, long offset, string expected, string actual, string? remedy = null, Exception? inner = null)
        : base(
            errorId,
            structure,
            string.Create(CultureInfo.InvariantCulture, $"{structure} at 0x{offset:X}: expected {expected}, found {actual}."),
            remedy,
            inner)
    {
        Structure = structure;
        Offset = offset;
        Expected = expected;
        Actual = actual;
    }

    public string Structure { get; }

    public long Offset { get; }

    public string Expected { get; }

    public string Actual { get; }
}
