using System.Runtime.InteropServices;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>$UpCase: the volume's own table of upper-case letters, by which names are compared and sorted.</summary>
/// <remarks>128 KiB, read in parts as letters of them are met: plain ASCII names cost 4 KiB.</remarks>
internal sealed class UpcaseTable
{
    private const int Letters = 0x10000;
    private const int PageLetters = 2048;

    private readonly IBlockDevice _stream;
    private readonly char[]?[] _pages = new char[Letters / PageLetters][];

    public UpcaseTable(IBlockDevice stream)
    {
        if (stream.Length != Letters * sizeof(char))
        {
            throw new DiskFormatException("NtfsUpcaseDamaged", "NTFS $UpCase", 0, "131072 bytes", $"{stream.Length} bytes");
        }

        _stream = stream;
    }

    public char ToUpper(char letter)
    {
        char[]? page = _pages[letter / PageLetters];
        if (page is null)
        {
            page = new char[PageLetters];
            _stream.Read(letter / PageLetters * PageLetters * sizeof(char), MemoryMarshal.AsBytes(page.AsSpan()));
            _pages[letter / PageLetters] = page;
        }

        return page[letter % PageLetters];
    }

    /// <summary>Order of names without regard to case: COLLATION_FILE_NAME's first rule.</summary>
    public int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int common = Math.Min(left.Length, right.Length);
        for (int i = 0; i < common; i++)
        {
            if (left[i] != right[i] && ToUpper(left[i]) - ToUpper(right[i]) is not 0 and var difference)
            {
                return difference;
            }
        }

        return left.Length - right.Length;
    }
}
