using Hyper2Kvm.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Blocks;

/// <summary>A host file, opened for reading. Reading is safe for several threads at once.</summary>
public sealed class FileBlockDevice : IBlockDevice, IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly long _start;

    /// <summary>What was last found out about holes; most questions are about the same stretch.</summary>
    private (long Start, long End, bool IsHole) _known;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="GuestStateException"><c>ImageInUse</c>: another program has the file open to write to it.</exception>
    public FileBlockDevice(string path, int sectorSize = 512)
    {
        Path = System.IO.Path.GetFullPath(path);
        _handle = HostFileLock.OpenForReading(Path);
        Length = RandomAccess.GetLength(_handle);
        SectorSize = sectorSize;
    }

    /// <summary>A part of a file, as a file of its own: a member of a tar archive.</summary>
    /// <param name="path">The file.</param>
    /// <param name="part">Which bytes of it.</param>
    /// <param name="name">What <see cref="Path"/> says.</param>
    /// <exception cref="EndOfStreamException">The file ends before its part does.</exception>
    public FileBlockDevice(string path, BlockRange part, string name)
        : this(path)
    {
        if (part.Offset < 0 || part.Length < 0 || part.Offset > Length || part.Length > Length - part.Offset)
        {
            _handle.Dispose();
            throw new EndOfStreamException($"'{path}' became shorter while it was read (at byte {Length}).");
        }

        _start = part.Offset;
        Length = part.Length;
        Path = name;
    }

    /// <summary>Full path of the file; for a part, its name.</summary>
    public string Path { get; }

    public long Length { get; }

    public int SectorSize { get; }

    internal SafeFileHandle Handle => _handle;

    /// <summary>It is no part of a larger file.</summary>
    internal bool IsWhole => _start == 0 && Length == RandomAccess.GetLength(_handle);

    /// <exception cref="OperationCanceledException">The work was stopped; see <see cref="Interruption"/>.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + buffer.Length, Length);
        while (buffer.Length > 0)
        {
            Interruption.Check();
            int read = RandomAccess.Read(_handle, buffer, _start + offset);
            if (read == 0)
            {
                throw new EndOfStreamException($"'{Path}' became shorter while it was read (at byte {offset}).");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    /// <summary>Whether the host's file system has nothing there, so that the bytes are zero. One thread at a time.</summary>
    /// <param name="offset">Within the file.</param>
    /// <param name="length">Bytes asked for; what comes back is for how many of them the answer holds.</param>
    internal bool IsHole(long offset, ref long length)
    {
        if (offset < _known.Start || offset >= _known.End)
        {
            (bool isHole, long end) = HostFile.Hole(_handle, _start + offset, _start + Length);
            _known = (offset, Math.Max(end - _start, offset + 1), isHole);
        }

        length = Math.Min(length, _known.End - offset);
        return _known.IsHole;
    }

    public void Dispose() => _handle.Dispose();
}
