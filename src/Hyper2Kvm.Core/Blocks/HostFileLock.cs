using Hyper2Kvm.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Blocks;

// QEMU's image locking (block/file-posix.c, "File lock bytes"): who does something with an image holds the byte 100 + n of its file, who does
// not want others to do it the byte 200 + n; n is 0 to read, 1 to write, 3 to resize. All locks are shared ones of open file descriptions;
// one asks whether another holds a byte by F_OFD_GETLK. Ours is byte 300: an edit is being made of this disk.
// Windows: a program that writes shares the file with nobody, so opening it fails. VMware: a folder NAME.lck beside the file.

/// <summary>Keeps a disk's file from being used by two programs that must not, and tells when another program uses it.</summary>
internal sealed class HostFileLock : IDisposable
{
    private const long Reads = 100;
    private const long Writes = 101;
    private const long Resizes = 103;
    private const long Keeps = 100;
    private const long Edits = 300;

    /// <summary>Far beyond any disk: Windows' locks keep others from reading.</summary>
    private const long WindowsEdits = 0x4832_4B56_0000_0000;

    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private const int UnixWouldBlock = 11;

    /// <summary>A program that has just ended, or one that is being started and holds copies of its parent's handles until its own begins,
    /// lets go within moments: a lock counts when it is still there after half a second.</summary>
    private const int Looks = 11;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(50);
    private static readonly long[] s_rights = [100, 101, 102, 103];
    private static readonly long[] s_refusals = [200, 201, 202, 203];

    private readonly FileStream _stream;

    private HostFileLock(FileStream stream) => _stream = stream;

    /// <summary>Opens a file to read it, unless another program writes to it; until it is closed, none begins to.</summary>
    /// <exception cref="GuestStateException"><c>ImageInUse</c></exception>
    public static SafeFileHandle OpenForReading(string path)
    {
        SafeFileHandle handle = Open(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        return Checked(handle, path, handle, [Writes, Resizes, Reads + Keeps], [Writes + Keeps]);
    }

    /// <summary>From here to <see cref="Dispose"/> no other edit of this disk begins, and QEMU does not open it to write to it.</summary>
    /// <param name="path">A file of the disk.</param>
    /// <param name="isReplaced">No guest may even read the file: the edit puts another in its place.</param>
    /// <exception cref="GuestStateException"><c>ImageInUse</c></exception>
    public static HostFileLock ForEdit(string path, bool isReplaced)
    {
        FileStream stream = Open(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1));
        HostFileLock held = Checked(
            new HostFileLock(stream), path, stream.SafeFileHandle, isReplaced ? [Edits, .. s_rights] : [Edits, Writes, Resizes, Reads + Keeps],
            [Edits, Reads, Writes + Keeps, Resizes + Keeps]);
        if (OperatingSystem.IsWindows())
        {
            LockOnWindows(held, path);
        }

        return held;
    }

    /// <summary>No other program may have the file open in any way, until <see cref="Dispose"/>.</summary>
    /// <exception cref="GuestStateException"><c>ImageInUse</c></exception>
    public void RefuseAllOthers() => Checked(
        this, _stream.Name, _stream.SafeFileHandle, [.. s_rights, .. s_refusals], [Writes, Resizes], closesOnError: false);

    public void Dispose() => _stream.Dispose();

    /// <summary>Opens a file in whatever way; that another program keeps it for itself is told as such.</summary>
    /// <exception cref="GuestStateException"><c>ImageInUse</c></exception>
    public static T Open<T>(string path, Func<T> open)
    {
        for (int look = 1; ; look++)
        {
            try
            {
                return open();
            }
            catch (IOException exception) when (exception.HResult is SharingViolation or LockViolation or UnixWouldBlock)
            {
                if (look == Looks)
                {
                    throw InUse(path, "another program has it open", exception);
                }
            }

            Thread.Sleep(s_betweenLooks);
        }
    }

    /// <summary>Takes locks first and looks for those of others then, as QEMU does: of two that come at once none gets through unseen.</summary>
    private static T Checked<T>(T held, string path, SafeFileHandle handle, long[] foreign, long[] own, bool closesOnError = true)
        where T : IDisposable
    {
        string? obstacle = VmwareLock(path);
        if (obstacle is null && OpenFileLocks.AreThere)
        {
            foreach (long place in own)
            {
                OpenFileLocks.Share(handle, place);
            }

            obstacle = UseByOthers(handle, foreign);
            for (int look = 1; obstacle is not null && look < Looks; look++)
            {
                Thread.Sleep(s_betweenLooks);
                obstacle = UseByOthers(handle, foreign);
            }
        }

        if (obstacle is null)
        {
            return held;
        }

        if (closesOnError)
        {
            held.Dispose();
        }

        throw InUse(path, obstacle, null);
    }

    private static string? UseByOthers(SafeFileHandle handle, long[] places)
    {
        foreach (long place in places)
        {
            if (OpenFileLocks.IsHeldByOther(handle, place))
            {
                return UseOf(place);
            }
        }

        return null;
    }

    private static string UseOf(long place) => place switch
    {
        Edits => "another edit of it is being made",
        Writes or Resizes => "another program writes to it",
        Reads + Keeps => "another program keeps it for itself",
        _ => "another program has it open",
    };

    private static string? VmwareLock(string path)
    {
        string folder = path + ".lck";
        return Directory.Exists(folder) && Directory.GetFileSystemEntries(folder).Length > 0
            ? $"VMware has it open (if it does not any more, remove the folder '{folder}')"
            : null;
    }

    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static void LockOnWindows(HostFileLock held, string path)
    {
        try
        {
            held._stream.Lock(WindowsEdits, 1);
        }
        catch (IOException exception) when (exception.HResult is SharingViolation or LockViolation)
        {
            held.Dispose();
            throw InUse(path, UseOf(Edits), exception);
        }
    }

    private static GuestStateException InUse(string path, string use, Exception? inner) => new(
        "ImageInUse", path, $"'{path}' is in use: {use}.",
        "Shut the guest down, or wait for the other program; of a guest that has to stay up take a snapshot, and read the disk beneath it.", inner);
}
