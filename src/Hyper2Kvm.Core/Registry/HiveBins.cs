using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Registry;

/// <summary>The row of hive bins, from the first to the last.</summary>
internal static class HiveBins
{
    /// <summary>Goes along all bin headers: after a replay they must fit together.</summary>
    /// <exception cref="DiskFormatException">A bin header does not fit its place.</exception>
    public static void Check(HivePages pages, string name)
    {
        Span<byte> header = stackalloc byte[CellAllocator.BinHeader];
        for (int start = 0; start < pages.Size;)
        {
            pages.Read(start, header);
            uint size = Le.U32(header, 0x08);
            if (!header[..4].SequenceEqual("hbin"u8) || Le.U32(header, 0x04) != start
                || size < HivePages.PageSize || size % HivePages.PageSize != 0 || size > pages.Size - start)
            {
                throw Hive.Damaged(
                    name,
                    "hive bin",
                    HiveBaseBlock.Size + (long)start,
                    "a bin header that fits its place",
                    Convert.ToHexString(header[..12]));
            }

            start += (int)size;
        }
    }
}
