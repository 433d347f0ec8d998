using System.Buffers;
using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Registry;

/// <summary>Applies a transaction log of Windows 8 and earlier: a bitmap of changed 512-byte pages, then those pages.</summary>
/// <remarks>Source: github.com/msuhanov/regf, "Old format": sector 1: "DIRT", bitmap (low bit first); from the next whole sector the pages.</remarks>
internal static class DirtyVectorLog
{
    private const int DirtyPage = 512;
    private const int SignatureSize = 4;
    private const int LargestBitmap = int.MaxValue / DirtyPage / 8;

    /// <returns>Number of pages applied.</returns>
    /// <exception cref="Diagnostics.DiskFormatException">The log does not hold what its bitmap promises.</exception>
    public static int Apply(HiveLog log, HivePages pages, string hiveName)
    {
        HiveBaseBlock block = new(log.BaseBlock);
        int sector = DirtyPage * (int)Math.Clamp(block.ClusteringFactor, 1, 8);
        int bits = (int)(block.BinsSize / DirtyPage);
        byte[] vector = new byte[SignatureSize + Math.Min((bits + 7) / 8, LargestBitmap)];
        string structure = $"dirty vector of {log.Name} of the hive {hiveName}";
        log.Device.ReadChecked(sector, vector, "HiveDamaged", structure);
        if (!vector.AsSpan(0, SignatureSize).SequenceEqual("DIRT"u8))
        {
            throw Hive.Damaged(hiveName, $"dirty vector of {log.Name}", sector, "DIRT", Convert.ToHexString(vector.AsSpan(0, SignatureSize)));
        }

        pages.Resize((int)block.BinsSize);
        long source = sector + ((vector.Length + (long)sector - 1) / sector * sector);
        int applied = 0;
        byte[] page = ArrayPool<byte>.Shared.Rent(DirtyPage);
        try
        {
            for (int bit = 0; bit < bits; bit++)
            {
                if ((vector[SignatureSize + (bit / 8)] >> (bit % 8) & 1) != 0)
                {
                    log.Device.ReadChecked(source, page.AsSpan(0, DirtyPage), "HiveDamaged", string.Create(CultureInfo.InvariantCulture, $"dirty page {bit} in {log.Name} of the hive {hiveName}"));
                    pages.Write(bit * DirtyPage, page.AsSpan(0, DirtyPage));
                    source += DirtyPage;
                    applied++;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }

        return applied;
    }
}
