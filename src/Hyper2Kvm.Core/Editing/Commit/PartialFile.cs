using System.Security.Cryptography;
using Hyper2Kvm.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Editing.Commit;

// The state file: magic | 32 bytes: hash of what is made of what | the state, as the one that writes the file keeps it | 32 bytes: SHA-256 of
// all before. It is replaced by rename, after what it speaks of was flushed: whatever the file holds beyond that may be there in part.

/// <summary>A large file in the making, beside its destination, with a state from which the work can be gone on with.</summary>
/// <remarks>Not disposed (the process was killed, the host went down), both stay. Else they stay only where that is wanted, or the file got its
/// name.</remarks>
public sealed class PartialFile : IDisposable
{
    private const int HashLength = 32;

    private readonly string _destination;
    private readonly byte[] _identity;
    private readonly bool _keeps;
    private readonly object _dropping = new();
    private Task _keeping = Task.CompletedTask;
    private bool _isComplete;
    private bool _isDropped;

    private PartialFile(string destination, byte[] identity, bool keeps, SafeFileHandle handle)
    {
        _destination = destination;
        _identity = identity;
        _keeps = keeps;
        Handle = handle;
    }

    private static ReadOnlySpan<byte> Magic => "H2KV partial 1\r\n"u8;

    /// <summary>Open for reading and writing.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Where the file is until it is complete.</summary>
    public string Path => PathOf(_destination);

    /// <summary>Where the file is while it is not complete.</summary>
    public static string PathOf(string destination) => destination + ".h2kv-partial";

    private string StatePath => StatePathOf(_destination);

    /// <summary>Opens a new file, or goes on with one that was left behind.</summary>
    /// <param name="destination">The name that the file shall get.</param>
    /// <param name="identity">Hash of all that the file depends on: 32 bytes.</param>
    /// <param name="resumes">Go on with a file of the same identity.</param>
    /// <param name="keeps">Leave the file behind when the work is interrupted.</param>
    /// <param name="state">The state to go on from; null: the file is empty.</param>
    /// <exception cref="GuestStateException"><c>PartialFileForeign</c>, <c>PartialFileDiffers</c>.</exception>
    /// <exception cref="IOException">The host cannot, or somebody else is writing the same file.</exception>
    public static PartialFile Open(string destination, byte[] identity, bool resumes, bool keeps, out byte[]? state)
    {
        string path = PathOf(destination);
        // Until its first state is written the file is empty, and there is nothing to lose in it.
        byte[]? left = new FileInfo(path) is { Exists: true, Length: > 0 } ? ReadState(destination) : null;
        if (left is not null && resumes && !left.AsSpan(0, HashLength).SequenceEqual(identity))
        {
            throw new GuestStateException(
                "PartialFileDiffers", path,
                $"'{path}' is the beginning of another work: the source has changed since, or the options are others.",
                "Run it without -Resume to begin anew.");
        }

        SafeFileHandle handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        AtomicFile.DeleteLeftovers(StatePathOf(destination)); // nobody else writes it while the file is open here
        PartialFile file = new(destination, identity, keeps, handle);
        state = left is not null && resumes && left.Length > HashLength ? left[HashLength..] : null;
        if (state is null)
        {
            RandomAccess.SetLength(handle, 0);
            file.WriteState([]);
        }

        return file;
    }

    /// <summary>Keeps a state once all that was written so far is on the disk; the caller goes on meanwhile.</summary>
    /// <param name="save">Writes the state, before this method returns.</param>
    public void Keep(Action<BinaryWriter> save)
    {
        AwaitDisk();
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        save(writer);
        writer.Flush();
        byte[] state = stream.ToArray();
        _keeping = Task.Run(() =>
        {
            RandomAccess.FlushToDisk(Handle);
            lock (_dropping)
            {
                if (!_isDropped)
                {
                    WriteState(state);
                }
            }
        });
    }

    /// <summary>All is written: it goes to the disk, and from here on the file can be read.</summary>
    public void Close()
    {
        AwaitDisk();
        _keeping = Task.Run(() => RandomAccess.FlushToDisk(Handle));
        AwaitDisk();
        Handle.Dispose();
    }

    /// <summary>Gives the file its name, after <see cref="Close"/>.</summary>
    /// <param name="replace">An existing file may be replaced.</param>
    public void Complete(bool replace)
    {
        AtomicFile.Rename(Path, _destination, replace);
        _isComplete = true;
        File.Delete(StatePath);
    }

    public void Dispose()
    {
        lock (_dropping)
        {
            _isDropped = !_isComplete && !_keeps;
        }

        if (_isDropped && !OperatingSystem.IsWindows())
        {
            Drop();
            return;
        }

        ((IAsyncResult)_keeping).AsyncWaitHandle.WaitOne();
        Handle.Dispose();
        if (_isDropped)
        {
            File.Delete(Path);
            File.Delete(StatePath);
        }
    }

    /// <summary>The names go first, and nobody waits for what the host still writes: closing the file takes as long as that.</summary>
    private void Drop()
    {
        File.Delete(Path);
        File.Delete(StatePath);
        _ = Task.Run(Handle.Dispose);
    }

    /// <summary>A host's disk may take seconds for what was written, and no call to it can be stopped: Ctrl+C ends the waiting.</summary>
    private void AwaitDisk()
    {
        while (!((IAsyncResult)_keeping).AsyncWaitHandle.WaitOne(50))
        {
            Interruption.Check();
        }

        _keeping.GetAwaiter().GetResult();
    }

    private static string StatePathOf(string destination) => PathOf(destination) + ".state";

    /// <summary>Identity and state, when the file is ours.</summary>
    private static byte[] ReadState(string destination)
    {
        string path = StatePathOf(destination);
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        int end = bytes.Length - HashLength;
        bool isOurs = end >= Magic.Length + HashLength && bytes.AsSpan().StartsWith(Magic)
            && SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end));
        return isOurs ? bytes[Magic.Length..end] : throw new GuestStateException(
            "PartialFileForeign", PathOf(destination),
            $"'{PathOf(destination)}' is there, but '{path}' does not say that it is ours.", "Move it away or delete it.");
    }

    private void WriteState(byte[] state)
    {
        byte[] bytes = [.. Magic, .. _identity, .. state];
        byte[] hash = SHA256.HashData(bytes);
        AtomicFile.Write(StatePath, replace: true, stream =>
        {
            stream.Write(bytes);
            stream.Write(hash);
        });
    }
}
