using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Editing;

/// <summary>Tells cheaply whether a disk is still the one it was: what a running Windows, a mount or a repair cannot leave alone.</summary>
/// <remarks>The partition table, the head of each volume, and of NTFS the head of $LogFile, where each mount writes, the records of the system
/// files with the flags of the volume, and the heads of the registry hives, whose sequence numbers each boot changes. Not the whole disk,
/// which may have terabytes: the times of the files of the host are asked besides.</remarks>
internal static class DiskFingerprint
{
    private const int HeadBytes = 64 * 1024;

    private static readonly string[] s_watched =
    [
        @"\$MFT", @"\$LogFile", @"\$Bitmap", @"\Windows\System32\config\SYSTEM", @"\Windows\System32\config\SOFTWARE",
        @"\Windows\System32\config\SYSTEM.LOG1", @"\Windows\System32\config\SOFTWARE.LOG1", @"\Boot\BCD", @"\EFI\Microsoft\Boot\BCD",
    ];

    /// <returns>A SHA-256.</returns>
    public static byte[] Of(IBlockDevice disk)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, disk);
        try
        {
            foreach (GuestVolume volume in GuestDisk.Open(disk).Volumes)
            {
                Add(hash, volume.Device);
                AddFiles(hash, volume.FileSystem);
            }
        }
        catch (Hyper2KvmException unreadable)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(unreadable.ErrorId));
        }

        return hash.GetHashAndReset();
    }

    private static void AddFiles(IncrementalHash hash, IGuestFileSystem? files)
    {
        foreach (string name in files is null ? [] : s_watched)
        {
            try
            {
                GuestPath path = new(name);
                if (files!.Find(path) is { IsDirectory: false })
                {
                    Add(hash, files.OpenFile(path));
                }
            }
            catch (Hyper2KvmException unreadable)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(unreadable.ErrorId));
            }
        }
    }

    private static void Add(IncrementalHash hash, IBlockDevice device)
    {
        byte[] head = new byte[8 + Math.Min(HeadBytes, device.Length)];
        Le.I64(head, 0, device.Length);
        device.Read(0, head.AsSpan(8));
        hash.AppendData(head);
    }
}
