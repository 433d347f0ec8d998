using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Blocks;

/// <summary>What the host's file systems can do and .NET has no call for. Each is a help that the work can be done without, so a host or
/// a file system that does not know it just says so.</summary>
internal static class HostFile
{
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const int NoSuchData = 6; // ENXIO: a hole to the end of the file
    private const int CloneFile = 0x40049409; // FICLONE
    private const uint SetSparse = 0x000900C4; // FSCTL_SET_SPARSE
    private const int OpenFolder = 0; // O_RDONLY

    /// <summary>Whether a file has a hole at some place, and how far that reaches.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="offset">Within the file.</param>
    /// <param name="length">Of the file.</param>
    /// <returns>True for a hole, and the first byte after the hole or the data; not a hole up to the end where the host cannot tell.</returns>
    public static (bool IsHole, long End) Hole(SafeFileHandle file, long offset, long length)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (false, length);
        }

        long data = Seek(file, offset, SeekData);
        if (data < 0)
        {
            return Marshal.GetLastPInvokeError() == NoSuchData ? (true, length) : (false, length);
        }

        if (data > offset)
        {
            return (true, Math.Min(data, length));
        }

        long hole = Seek(file, offset, SeekHole);
        return (false, hole <= offset ? length : Math.Min(hole, length));
    }

    /// <summary>Makes one file share the blocks of another (btrfs, XFS and others).</summary>
    /// <returns>False where the file systems cannot; nothing is changed then.</returns>
    public static bool TryClone(SafeFileHandle source, SafeFileHandle target) =>
        OperatingSystem.IsLinux() && Control(target, CloneFile, source) == 0;

    /// <summary>Keeps NTFS from writing zeros where nothing is written; elsewhere files are so anyway.</summary>
    public static void MakeSparse(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            _ = DeviceControl(file, SetSparse, 0, 0, 0, 0, out _, 0);
        }
    }

    /// <summary>Makes a rename in a folder survive a crash of the host; NTFS does that by its journal.</summary>
    public static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int handle = Open(folder, OpenFolder);
        if (handle >= 0)
        {
            _ = Flush(handle);
            _ = Close(handle);
        }
    }

    [DllImport("libc", EntryPoint = "lseek", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long Seek(SafeFileHandle file, long offset, int whence);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafeFileHandle target, nint request, SafeFileHandle source);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);

    [DllImport("kernel32", EntryPoint = "DeviceIoControl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern bool DeviceControl(
        SafeFileHandle file, uint code, nint input, int inputLength, nint output, int outputLength, out int returned, nint overlapped);
}
