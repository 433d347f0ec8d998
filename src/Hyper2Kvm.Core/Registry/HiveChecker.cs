using System.Buffers;
using System.Globalization;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Registry;

/// <summary>Checks a whole hive: base block, bins, cells, the tree of keys with its lists and statistics, values, security descriptors.</summary>
/// <remarks>
/// It shares only the field offsets with the code that edits, and reads everything into memory once (a hive is below 2 GiB, a SYSTEM hive
/// around 15 MB): an edit is judged by looking at all of the result.
/// </remarks>
public static class HiveChecker
{
    /// <summary>More findings than this say no more.</summary>
    internal const int MostFindings = 1000;

    /// <summary>All that is wrong; empty for a sound hive. Never throws for bad bytes.</summary>
    public static IReadOnlyList<HiveFinding> Check(IBlockDevice hive) => Load(hive)();

    /// <summary>Reads the hive now. What comes back judges it once, on any thread: that part is all computing.</summary>
    public static Func<IReadOnlyList<HiveFinding>> Load(IBlockDevice hive)
    {
        List<HiveFinding> findings = [];
        byte[] baseBlock = new byte[HiveBaseBlock.Size];
        if (hive.Length < baseBlock.Length)
        {
            findings.Add(new HiveFinding("HiveBaseBlockDamaged", -1, $"the file has only {hive.Length} bytes"));
            return () => findings;
        }

        hive.Read(0, baseBlock);
        if (!CheckBaseBlock(baseBlock, hive.Length, findings))
        {
            return () => findings;
        }

        HiveBaseBlock block = new(baseBlock);
        // Rented: the next hive that is judged takes the same memory.
        int size = (int)block.BinsSize;
        byte[] bins = ArrayPool<byte>.Shared.Rent(size);
        hive.Read(HiveBaseBlock.Size, bins.AsSpan(0, size));
        uint minor = block.Minor;
        CellOffset root = block.RootCell;
        return () =>
        {
            try
            {
                return CheckCells(new CheckedCells(bins, size, minor, findings), root, findings);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bins);
            }
        };
    }

    private static List<HiveFinding> CheckCells(CheckedCells cells, CellOffset root, List<HiveFinding> findings)
    {
        if (cells.CheckBins())
        {
            SecurityChecker security = new(cells);
            new KeyTreeChecker(cells, security).Check(root);
            security.Check();
            CheckUnreachable(cells, findings);
        }

        return findings.Count <= MostFindings ? findings : findings.GetRange(0, MostFindings);
    }

    private static bool CheckBaseBlock(byte[] bytes, long fileLength, List<HiveFinding> findings)
    {
        HiveBaseBlock block = new(bytes);
        if (!block.HasSignature || block.Major != 1 || block.Minor is < 3 or > 6 || block.FileType != HiveBaseBlock.PrimaryType)
        {
            findings.Add(new HiveFinding("HiveBaseBlockDamaged", -1, "no base block of a hive of version 1.3 to 1.6"));
            return false;
        }

        if (block.Checksum != block.ComputeChecksum())
        {
            findings.Add(new HiveFinding("HiveChecksumWrong", -1, "the checksum of the base block is wrong"));
        }

        if (block.PrimarySequence != block.SecondarySequence)
        {
            findings.Add(new HiveFinding("HiveDirty", -1, $"the sequence numbers differ: {block.PrimarySequence} and {block.SecondarySequence}"));
        }

        if (block.BinsSize == 0 || block.BinsSize % HivePages.PageSize != 0 || block.BinsSize > Math.Min(fileLength - HiveBaseBlock.Size, int.MaxValue))
        {
            findings.Add(new HiveFinding("HiveBinsSizeWrong", -1, $"{block.BinsSize} bytes of hive bins in a file of {fileLength}"));
            return false;
        }

        return true;
    }

    private static void CheckUnreachable(CheckedCells cells, List<HiveFinding> findings)
    {
        (int count, int first) = cells.Unclaimed();
        if (count > 0)
        {
            findings.Add(new HiveFinding(
                HiveFinding.Unreachable, first, string.Create(CultureInfo.InvariantCulture, $"{count} cells in use that no key leads to")));
        }
    }
}
