using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Blocks;

/// <summary>Advisory locks of open file descriptions on Linux (fcntl(2), F_OFD_SETLK). They stay with their handle; the locks that .NET
/// takes belong to the process, and are lost as soon as any other handle of the same file is closed.</summary>
internal static class OpenFileLocks
{
    private const int GetLock = 36;
    private const int SetLock = 37;
    private const short ReadLock = 0;
    private const short WriteLock = 1;
    private const short Unlocked = 2;

    /// <summary>This host has such locks.</summary>
    public static bool AreThere => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Holds one byte, as others may too, until the handle is closed. A file system without locks is passed over.</summary>
    public static void Share(SafeFileHandle handle, long place)
    {
        Region region = new() { Type = ReadLock, Start = place, Length = 1 };
        _ = Control(handle, SetLock, ref region);
    }

    /// <summary>Another handle, of this process or another, holds the byte.</summary>
    public static bool IsHeldByOther(SafeFileHandle handle, long place)
    {
        Region region = new() { Type = WriteLock, Start = place, Length = 1 };
        return Control(handle, GetLock, ref region) == 0 && region.Type != Unlocked;
    }

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafeFileHandle handle, int command, ref Region region);

    /// <summary>struct flock of 64-bit Linux; the offsets count from the start of the file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Region
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
