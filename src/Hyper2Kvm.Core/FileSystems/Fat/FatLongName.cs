using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Fat;

// Microsoft FAT specification, section 7: long name entries stand before their short entry, last part first.
//
//   0x00  1  LDIR_Ord, 0x40 on the last part     0x0D  1  LDIR_Chksum of the short name
//   0x01 10  LDIR_Name1                          0x0E 12  LDIR_Name2
//   0x0B  1  LDIR_Attr = 0x0F                    0x1C  4  LDIR_Name3

/// <summary>Collects the parts of a long name while a directory is read. Parts that do not belong together are dropped, as the
/// specification wants: an old system may have removed or renamed the short entry.</summary>
internal sealed class FatLongName
{
    public const int MaximumLength = 255;
    public const int CharactersPerEntry = 13;
    private const int LastPart = 0x40;

    private readonly char[] _name = new char[20 * CharactersPerEntry];
    private int _next;
    private int _parts;
    private byte _checksum;

    /// <summary>How many entries the name has taken so far.</summary>
    public int Parts => _parts;

    public void Clear()
    {
        _next = 0;
        _parts = 0;
    }

    /// <summary>Takes the next part; one that does not continue the last starts over or is dropped.</summary>
    public void Add(ReadOnlySpan<byte> entry)
    {
        int ordinal = entry[0] & 0x1F;
        if ((entry[0] & LastPart) != 0 && ordinal is > 0 and <= 20)
        {
            _parts = 0;
            _next = ordinal;
            _checksum = entry[0x0D];
            Array.Clear(_name);
        }

        if (ordinal == 0 || ordinal != _next || entry[0x0D] != _checksum)
        {
            Clear();
            return;
        }

        Span<char> part = _name.AsSpan((ordinal - 1) * CharactersPerEntry, CharactersPerEntry);
        for (int i = 0; i < CharactersPerEntry; i++)
        {
            part[i] = (char)Le.U16(entry, CharacterOffset(i));
        }

        _next--;
        _parts++;
    }

    /// <summary>The whole name, when all parts came and belong to the short name; else null.</summary>
    public string? Finish(ReadOnlySpan<byte> shortName)
    {
        if (_parts == 0 || _next != 0 || _checksum != Checksum(shortName))
        {
            return null;
        }

        int length = Array.IndexOf(_name, '\0');
        length = length < 0 ? _parts * CharactersPerEntry : length;
        return length is 0 or > MaximumLength ? null : new string(_name, 0, length);
    }

    /// <summary>Writes part <paramref name="ordinal"/> (1 is the first) of a name.</summary>
    public static void Write(Span<byte> entry, string name, int ordinal, bool last, byte checksum)
    {
        entry.Clear();
        entry[0] = (byte)(ordinal | (last ? LastPart : 0));
        entry[0x0B] = FatEntryView.LongNameAttributes;
        entry[0x0D] = checksum;
        for (int i = 0; i < CharactersPerEntry; i++)
        {
            int at = ((ordinal - 1) * CharactersPerEntry) + i;
            ushort character = at < name.Length ? name[at] : at == name.Length ? (ushort)0 : (ushort)0xFFFF;
            Le.U16(entry, CharacterOffset(i), character);
        }
    }

    /// <summary>The sum that ties a long name to its short name (specification, ChkSum).</summary>
    public static byte Checksum(ReadOnlySpan<byte> shortName)
    {
        int sum = 0;
        foreach (byte b in shortName[..11])
        {
            sum = (((sum & 1) << 7) + (sum >> 1) + b) & 0xFF;
        }

        return (byte)sum;
    }

    private static int CharacterOffset(int index) => index switch
    {
        < 5 => 0x01 + (2 * index),
        < 11 => 0x0E + (2 * (index - 5)),
        _ => 0x1C + (2 * (index - 11)),
    };
}
