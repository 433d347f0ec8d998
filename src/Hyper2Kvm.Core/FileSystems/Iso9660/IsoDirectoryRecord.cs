using System.Globalization;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Iso9660;

// ECMA-119, 9.1: directory record.
//
//   0   1  length of the record                    25  1  flags: 01 hidden, 02 directory, 04 associated, 80 more extents follow
//   1   1  length of the extended attribute record 26  1  file unit size (interleaved files only)
//   2 4+4  first block of the extent               27  1  interleave gap
//  10 4+4  bytes of data                           28 2+2 volume sequence number
//  18   7  date: years from 1900, month, day,      32  1  length of the name
//          hour, minute, second, quarter hours     33  n  name; 00 is the directory itself, 01 its parent
//          from GMT

/// <summary>One extent of a file or directory.</summary>
/// <param name="Length">Bytes of the record itself.</param>
/// <param name="Name">As stored, without version; empty for the directory itself and for its parent.</param>
/// <param name="Block">First block of the data, behind any extended attribute record.</param>
/// <param name="DataLength">Bytes of data.</param>
/// <param name="Flags">File flags.</param>
/// <param name="IsInterleaved">The data are in units with gaps between them.</param>
/// <param name="RecordedUtc">Date; the first of 1900 where there is none.</param>
internal readonly record struct IsoDirectoryRecord(
    int Length, string Name, long Block, uint DataLength, byte Flags, bool IsInterleaved, DateTime RecordedUtc)
{
    public const int MinimumLength = 34;

    public bool IsHidden => (Flags & 0x01) != 0;

    public bool IsDirectory => (Flags & 0x02) != 0;

    /// <summary>A second stream of the file of the same name, as Macintosh discs have it.</summary>
    public bool IsAssociated => (Flags & 0x04) != 0;

    /// <summary>The next record continues the file.</summary>
    public bool IsContinued => (Flags & 0x80) != 0;

    /// <param name="bytes">From the record to the end of its sector.</param>
    /// <param name="isJoliet">Names are UCS-2.</param>
    /// <param name="origin">Where the record is, for messages.</param>
    public static IsoDirectoryRecord Read(ReadOnlySpan<byte> bytes, bool isJoliet, long origin)
    {
        int length = bytes[0];
        if (length < MinimumLength || length > bytes.Length || 33 + bytes[32] > length || bytes[32] == 0)
        {
            throw new DiskFormatException("IsoDirectoryDamaged", "ISO 9660 directory record", origin,
                "a record of at least 34 bytes within its sector",
                string.Create(CultureInfo.InvariantCulture, $"length {length}, name of {bytes[32]} bytes"));
        }

        return new IsoDirectoryRecord(
            length,
            ReadName(bytes.Slice(33, bytes[32]), isJoliet, origin),
            (long)Le.U32(bytes, 2) + bytes[1],
            Le.U32(bytes, 10),
            bytes[25],
            bytes[26] != 0 || bytes[27] != 0,
            ReadDate(bytes.Slice(18, 7)));
    }

    private static string ReadName(ReadOnlySpan<byte> bytes, bool isJoliet, long origin)
    {
        if (bytes.Length == 1 && bytes[0] <= 1)
        {
            return "";
        }

        if (isJoliet && bytes.Length % 2 != 0)
        {
            throw new DiskFormatException("IsoNameInvalid", "ISO 9660 directory record", origin, "a name of whole UCS-2 characters",
                string.Create(CultureInfo.InvariantCulture, $"{bytes.Length} bytes"));
        }

        string name = WithoutVersion(isJoliet ? Encoding.BigEndianUnicode.GetString(bytes) : Encoding.Latin1.GetString(bytes));
        name = !isJoliet && name.EndsWith('.') ? name[..^1] : name;
        return IsFileName(name)
            ? name
            : throw new DiskFormatException("IsoNameInvalid", "ISO 9660 directory record", origin, "a file name",
                "characters that no name can have");
    }

    /// <summary><c>NAME.EXT;1</c> is <c>NAME.EXT</c>; a semicolon anywhere else stays.</summary>
    private static string WithoutVersion(string name)
    {
        int at = name.LastIndexOf(';');
        return at > 0 && at < name.Length - 1 && !name.AsSpan(at + 1).ContainsAnyExceptInRange('0', '9') ? name[..at] : name;
    }

    private static bool IsFileName(string name)
    {
        foreach (char c in name)
        {
            if (c < ' ' || c is '/' or '\\' or ':')
            {
                return false;
            }
        }

        return name is not ("" or "." or "..");
    }

    private static DateTime ReadDate(ReadOnlySpan<byte> date)
    {
        int year = 1900 + date[0];
        if (date[1] is < 1 or > 12 || date[2] < 1 || date[2] > DateTime.DaysInMonth(year, date[1])
            || date[3] > 23 || date[4] > 59 || date[5] > 59)
        {
            return new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        }

        DateTime local = new(year, date[1], date[2], date[3], date[4], date[5], DateTimeKind.Utc);
        int quarters = unchecked((sbyte)date[6]);
        return quarters is >= -48 and <= 52 && year > 1900 ? local.AddMinutes(-15 * quarters) : local;
    }
}
