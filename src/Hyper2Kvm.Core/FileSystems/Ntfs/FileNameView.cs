using System.Runtime.InteropServices;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

// $FILE_NAME, also the key of directory index entries:
//   0x00 8 parent directory     0x18 8 record change time     0x38 4 file attributes (0x10000000: directory)
//   0x08 8 creation time        0x20 8 access time            0x3C 4 EA size or reparse tag
//   0x10 8 modification time    0x28 8 allocated size         0x40 1 name length in chars
//                               0x30 8 data size              0x41 1 namespace: 0 POSIX, 1 Win32, 2 DOS, 3 Win32 and DOS

/// <summary>A name of a file; sizes and times in it are copies that may lag behind the file record.</summary>
internal readonly ref struct FileNameView(Span<byte> bytes)
{
    public const int HeaderSize = 0x42;
    public const byte Posix = 0;
    public const byte Win32 = 1;
    public const byte Dos = 2;
    public const byte Win32AndDos = 3;
    public const uint DirectoryAttribute = 0x1000_0000;

    private readonly Span<byte> _bytes = bytes;

    public FileReference Parent { get => new(Le.U64(_bytes, 0x00)); set => Le.U64(_bytes, 0x00, value.Value); }

    public long CreationTime { get => Le.I64(_bytes, 0x08); set => Le.I64(_bytes, 0x08, value); }

    public long ModificationTime { get => Le.I64(_bytes, 0x10); set => Le.I64(_bytes, 0x10, value); }

    public long ChangeTime { get => Le.I64(_bytes, 0x18); set => Le.I64(_bytes, 0x18, value); }

    public long AccessTime { get => Le.I64(_bytes, 0x20); set => Le.I64(_bytes, 0x20, value); }

    public long AllocatedSize { get => Le.I64(_bytes, 0x28); set => Le.I64(_bytes, 0x28, value); }

    public long DataSize { get => Le.I64(_bytes, 0x30); set => Le.I64(_bytes, 0x30, value); }

    public uint Attributes { get => Le.U32(_bytes, 0x38); set => Le.U32(_bytes, 0x38, value); }

    public byte Namespace { get => _bytes[0x41]; set => _bytes[0x41] = value; }

    public ReadOnlySpan<char> Name => NameOf(_bytes);

    /// <summary>True when the name lies within the bytes.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= HeaderSize && bytes[0x40] > 0 && bytes.Length >= HeaderSize + (bytes[0x40] * 2);

    public static ReadOnlySpan<char> NameOf(ReadOnlySpan<byte> bytes) =>
        MemoryMarshal.Cast<byte, char>(bytes.Slice(HeaderSize, bytes[0x40] * 2));
}
