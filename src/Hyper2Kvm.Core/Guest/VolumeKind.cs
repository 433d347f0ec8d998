using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;

namespace Hyper2Kvm.Guest;

/// <summary>Tells what lies on a partition by its magic numbers, also what we do not read, so that a refusal can name it.</summary>
internal static class VolumeKind
{
    public const string Ntfs = "NTFS";
    public const string Fat = "FAT";
    public const string BitLocker = "BitLocker";
    public const string Refs = "ReFS";
    public const string Luks = "LUKS";

    /// <summary>Longest prefix that any signature below needs: btrfs keeps its superblock at 64 KiB.</summary>
    private const int ProbeSize = 0x11000;

    private static readonly (string Kind, int Offset, byte[] Magic)[] s_signatures =
    [
        (BitLocker, 3, "-FVE-FS-"u8.ToArray()),
        (Refs, 3, "ReFS\0"u8.ToArray()),
        ("exFAT", 3, "EXFAT   "u8.ToArray()),
        (Luks, 0, [0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE]),
        ("XFS", 0, "XFSB"u8.ToArray()),
        ("LVM2", 0x218, "LVM2 001"u8.ToArray()),
        ("Linux RAID", 0x1000, [0xFC, 0x4E, 0x2B, 0xA9]),
        ("Linux swap", 0xFF6, "SWAPSPACE2"u8.ToArray()),
        ("ext2/3/4", 0x438, [0x53, 0xEF]),
        ("btrfs", 0x10040, "_BHRfS_M"u8.ToArray()),
        ("BSD UFS", 0x255C, [0x19, 0x01, 0x54, 0x19]),
        ("BSD UFS2", 0x1055C, [0x19, 0x01, 0x54, 0x19]),
        ("HFS+", 0x400, "H+"u8.ToArray()),
        ("APFS", 0x20, "NXSB"u8.ToArray()),
    ];

    /// <summary>The kinds that an operating system other than Windows lives on.</summary>
    private static readonly HashSet<string> s_foreign =
        ["XFS", "LVM2", "Linux RAID", "Linux swap", "ext2/3/4", "btrfs", "BSD UFS", "BSD UFS2", "HFS+", "APFS"];

    /// <summary>One of the constants or a name for people; empty when unknown.</summary>
    public static string Detect(IBlockDevice volume)
    {
        if (volume.Length < 512)
        {
            return "";
        }

        byte[] head = new byte[Math.Min(ProbeSize, volume.Length)];
        volume.Read(0, head);
        foreach ((string kind, int offset, byte[] magic) in s_signatures)
        {
            if (head.Length >= offset + magic.Length && head.AsSpan(offset, magic.Length).SequenceEqual(magic))
            {
                return kind;
            }
        }

        return NtfsVolume.IsNtfs(volume) ? Ntfs : IsBitLockerToGo(head) ? BitLocker : FatVolume.IsFat(volume) ? Fat : "";
    }

    public static bool IsForeignSystem(string kind) => s_foreign.Contains(kind);

    /// <summary>BitLocker To Go keeps a FAT boot sector in front; its GUID is at 0x1A8 in the bytes 3B D6 67 49 ....</summary>
    private static bool IsBitLockerToGo(ReadOnlySpan<byte> head) =>
        Le.U32(head, 0x1A8) == 0x4967D63B && head.Slice(3, 8).SequenceEqual("MSWIN4.1"u8);
}
