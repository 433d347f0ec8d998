using System.Buffers.Binary;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>Volumes of the shared data, unpacked, without the partition table around them.</summary>
internal static class NtfsSamples
{
    public const string TestVolume = "ntfs/win-testvolume-10M.ntfs.raw.gz";
    public const string LargeDirectory = "ntfs/win-largedir-10M.ntfs.raw.gz";
    public const string IndexDisk = "ntfs/win-mbr-ntfs_index-32M.raw.gz";
    public const string AttributeLists = "ntfs/linux-ntfs3-attrlist-32M.raw.gz";
    public const string Streams = "ntfs/ntfs-testfs1-2M.raw.gz";
    public const string ShadowDisk = "ntfs/win-mbr-2part-ntfs-vss-5G.raw.tar.gz";
    public const string ShadowVolume = "ntfs/win-vss-1G.qcow2";

    public static byte[] Read(string file)
    {
        byte[] disk = SharedData.Read(file);
        if (disk.AsSpan(3, 8).SequenceEqual("NTFS    "u8))
        {
            return disk;
        }

        uint start = BinaryPrimitives.ReadUInt32LittleEndian(disk.AsSpan(0x1BE + 8));
        uint sectors = BinaryPrimitives.ReadUInt32LittleEndian(disk.AsSpan(0x1BE + 12));
        return disk.AsSpan((int)(start * 512), (int)(sectors * 512)).ToArray();
    }
}
