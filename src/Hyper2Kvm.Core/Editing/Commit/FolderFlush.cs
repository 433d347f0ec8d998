using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Makes names durable: on Unix a file that was made, renamed or deleted is surely so only when its folder is flushed.</summary>
internal static class FolderFlush
{
    /// <summary>O_RDONLY | O_CLOEXEC of Linux; the others have O_RDONLY only in common.</summary>
    private const int LinuxReadOnly = 0x80000;

    /// <summary>Flushes the folder of a file. On Windows there is nothing to do: NTFS keeps a journal of its names, so a rename is there
    /// wholly or not at all after a loss of power, though perhaps not yet; .NET does not ask MoveFileEx to write through.</summary>
    /// <exception cref="IOException">The host cannot.</exception>
    public static void Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string folder = Path.GetDirectoryName(path)!;
        int descriptor = Open(folder, OperatingSystem.IsLinux() ? LinuxReadOnly : 0);
        if (descriptor < 0)
        {
            return; // a folder that may be written but not read: its names are in the host's hands
        }

        using SafeFileHandle handle = new(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
