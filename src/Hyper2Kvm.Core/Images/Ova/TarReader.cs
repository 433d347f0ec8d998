using System.Globalization;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Ova;

// POSIX.1-2001 pax: a member of type x holds records "length key=value\n" for the next member, one of type g for all that follow.
// GNU: a member of type L holds the next one's name.

/// <summary>Lists the members of a tar archive. Nothing is unpacked, so names need no trust; ambiguous ones are refused.</summary>
internal sealed class TarReader
{
    private const int Block = TarHeader.Size;

    /// <summary>A bundle holds a description and some disks.</summary>
    private const int MaxMembers = 4096;

    private const int MaxExtraBytes = 1024 * 1024;

    private readonly FileBlockDevice _file;
    private readonly List<TarMember> _members = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly byte[] _header = new byte[Block];
    private string? _nextName;
    private long _nextSize = -1;
    private int _headers;

    private TarReader(FileBlockDevice file) => _file = file;

    /// <exception cref="DiskFormatException"><c>OvaDamaged</c>, <c>OvaTruncated</c>, <c>OvaMemberNameInvalid</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>OvaSparseMember</c>.</exception>
    public static IReadOnlyList<TarMember> Read(FileBlockDevice file)
    {
        TarReader reader = new(file);
        long offset = 0;
        while (offset <= file.Length - Block && reader.ReadMember(ref offset))
        {
        }

        return reader._members;
    }

    /// <summary>False at the end of the archive, which is a block of zeros or the end of the file.</summary>
    private bool ReadMember(ref long offset)
    {
        _file.Read(offset, _header);
        if (!_header.AsSpan().ContainsAnyExcept((byte)0))
        {
            return false;
        }

        TarHeader header = new(_header);
        long size = header.ContentSize;
        if (!header.IsSound || size < 0 || ++_headers > 2 * MaxMembers)
        {
            throw Damaged(offset, "a header with a right checksum and size, and not too many", $"another, after {_headers} headers");
        }

        bool isExtra = header.Type is 'x' or 'g' or 'L' or 'K';
        size = !isExtra && _nextSize >= 0 ? _nextSize : size;
        long start = offset + Block;
        if (size > _file.Length - start)
        {
            throw new DiskFormatException(
                "OvaTruncated", $"tar member '{_nextName ?? header.Name}' of '{_file.Path}'", offset,
                string.Create(CultureInfo.InvariantCulture, $"{size} bytes within {_file.Length}"), "the end of the file", ImageRemedy.Truncated);
        }

        if (isExtra)
        {
            ReadExtra(header.Type, offset, size);
        }
        else
        {
            Add(header, offset, size);
            (_nextName, _nextSize) = (null, -1);
        }

        // Links and the like have no content, whatever their size field says; those who write them write 0.
        offset = start + ((size + Block - 1) / Block * Block);
        return true;
    }

    private void Add(TarHeader header, long offset, long size)
    {
        if (header.Type == 'S')
        {
            throw Sparse();
        }

        if (header.Type is not ('\0' or '0' or '7'))
        {
            return; // a folder, link or device
        }

        string name = PlainName(_nextName ?? header.Name, offset);
        if (!_names.Add(name) || _members.Count == MaxMembers)
        {
            throw Damaged(offset, $"at most {MaxMembers} members, each name once", $"'{name}' after {_members.Count}");
        }

        _members.Add(new TarMember(name, new BlockRange(offset + Block, size)));
    }

    /// <summary>A name that leads out of the archive cannot be told from a path beside it.</summary>
    private string PlainName(string name, long offset)
    {
        string plain = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        string[] parts = plain.Split('/');
        foreach (string part in parts)
        {
            if (part is "" or "." or ".." || part.AsSpan().ContainsAny('\\', ':') || part.AsSpan().ContainsAnyInRange('\0', '\x1F'))
            {
                throw new DiskFormatException(
                    "OvaMemberNameInvalid", $"tar member of '{_file.Path}'", offset, "a relative name within the archive",
                    $"'{string.Concat(name.Take(200)).ReplaceLineEndings(" ")}'", "Was it made by a hypervisor? Do not unpack it with rights that matter.");
            }
        }

        return plain;
    }

    private void ReadExtra(char type, long offset, long size)
    {
        if (size > MaxExtraBytes)
        {
            throw Damaged(offset, $"an extended header of at most {MaxExtraBytes} bytes", size.ToString(CultureInfo.InvariantCulture));
        }

        byte[] bytes = new byte[size];
        _file.Read(offset + Block, bytes);
        if (type == 'L')
        {
            _nextName = TarHeader.Text(bytes);
        }
        else if (type != 'K')
        {
            ReadPax(bytes, offset, isGlobal: type == 'g');
        }
    }

    private void ReadPax(ReadOnlySpan<byte> bytes, long offset, bool isGlobal)
    {
        while (bytes.Length > 0)
        {
            int space = bytes.IndexOf((byte)' ');
            bool isNumber = int.TryParse(bytes[..Math.Max(space, 0)], NumberStyles.None, CultureInfo.InvariantCulture, out int length);
            if (space is < 1 or > 9 || !isNumber || length <= space + 1 || length > bytes.Length || bytes[length - 1] != '\n')
            {
                throw Damaged(offset, "pax records, each with its length", "others");
            }

            string record = Encoding.UTF8.GetString(bytes[(space + 1)..(length - 1)]);
            bytes = bytes[length..];
            int equals = record.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? record : record[..equals];
            string value = equals < 0 ? "" : record[(equals + 1)..];
            if (key.StartsWith("GNU.sparse", StringComparison.Ordinal))
            {
                throw Sparse();
            }

            if (!isGlobal && key == "path")
            {
                _nextName = value;
            }
            else if (key == "size" && (isGlobal || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _nextSize)))
            {
                throw Damaged(offset, "a size of one member", $"'{string.Concat(value.Take(40))}'");
            }
        }
    }

    private DiskFormatException Damaged(long offset, string expected, string actual) => new(
        "OvaDamaged", $"tar header of '{_file.Path}'", offset, expected, actual, ImageRemedy.Damaged);

    private UnsupportedFeatureException Sparse() => new(
        "OvaSparseMember", "a tar member with holes (GNU sparse)", $"'{_file.Path}'", OvaImage.Unpack);
}
