using System.Buffers.Binary;
using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Signatures;

/// <summary>A Windows program or driver: what its header says, its Authenticode digests, and the signatures embedded in it.</summary>
/// <remarks>
/// PE/COFF specification, learn.microsoft.com/windows/win32/debug/pe-format. DOS header: 0x00 "MZ", 0x3C offset of the PE header.
/// PE header: 0x00 "PE\0\0", 0x04 Machine, 0x18 optional header with Magic 0x10B (PE32) or 0x20B (PE32+) and CheckSum at 0x40.
/// Certificate table: data directory 4, at 0x80 (PE32) or 0x90 (PE32+) of the optional header; its address is a file offset.
/// WIN_CERTIFICATE: 0x00 length, 0x04 revision, 0x06 type (2: PKCS #7), 0x08 the message; entries are aligned to 8 bytes.
/// "Windows Authenticode Portable Executable Signature Format": the digest leaves out checksum, directory entry and table.
/// </remarks>
internal sealed class PeImage
{
    private const string ErrorId = "DriverBinaryDamaged";
    private const int MaximumTable = 4 << 20;
    private const int MaximumSignatures = 8;
    private const int ChunkLength = 64 << 10;

    private readonly IBlockDevice _file;
    private readonly string _name;
    private readonly long _checksum;
    private readonly long _entry;
    private readonly long _table;
    private readonly long _tableLength;

    private PeImage(IBlockDevice file, string name)
    {
        _file = file;
        _name = name;
        Span<byte> dos = stackalloc byte[0x40];
        file.ReadChecked(0, dos, ErrorId, $"DOS header of {name}");
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(dos[0x3C..]);
        Span<byte> header = stackalloc byte[0x18 + 0x98];
        file.ReadChecked(offset, header, ErrorId, $"PE header of {name}");
        if (!dos.StartsWith("MZ"u8) || !header.StartsWith("PE\0\0"u8))
        {
            throw Damaged("PE header", offset, "a Windows driver", "something else");
        }

        Machine = BinaryPrimitives.ReadUInt16LittleEndian(header[0x04..]);
        int directory = 0x18 + (BinaryPrimitives.ReadUInt16LittleEndian(header[0x18..]) == 0x20B ? 0x90 : 0x80);
        _checksum = offset + 0x18 + 0x40;
        _entry = offset + directory;
        _table = BinaryPrimitives.ReadUInt32LittleEndian(header[directory..]);
        _tableLength = BinaryPrimitives.ReadUInt32LittleEndian(header[(directory + 4)..]);
    }

    /// <summary>IMAGE_FILE_MACHINE_*: 0x14C x86, 0x8664 x64, 0xAA64 arm64.</summary>
    public ushort Machine { get; }

    /// <exception cref="DiskFormatException"><c>DriverBinaryDamaged</c>: it is no PE file.</exception>
    public static PeImage Read(IBlockDevice file, string name) => new(file, name);

    /// <summary>The Authenticode digest; page hashes are not looked at.</summary>
    /// <exception cref="DiskFormatException"><c>DriverBinaryDamaged</c>: the certificate table cannot be.</exception>
    public byte[] Digest(DigestKind kind)
    {
        CheckTable();
        using IncrementalHash hash = IncrementalHash.CreateHash(kind.Algorithm);
        Append(hash, 0, _checksum);
        Append(hash, _checksum + 4, _entry);
        bool isSigned = _tableLength > 0;
        Append(hash, _entry + 8, isSigned ? _table : _file.Length);
        if (isSigned)
        {
            Append(hash, _table + _tableLength, _file.Length);
        }
        else
        {
            // The table would start at a multiple of 8, and signing fills up to there: the digest is the same before and after.
            hash.AppendData(new byte[(8 - (_file.Length % 8)) % 8]);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>The embedded signatures, those for further digests included; none when it is not signed.</summary>
    /// <exception cref="DiskFormatException"><c>DriverBinaryDamaged</c>, <c>SignatureDamaged</c>.</exception>
    public IReadOnlyList<SignatureReading> Signatures()
    {
        CheckTable();
        List<SignatureReading> signatures = [];
        if (_tableLength == 0)
        {
            return signatures;
        }

        Asn1Place place = new("SignatureDamaged", $"the signature in {_name}");
        byte[] table = new byte[_tableLength];
        _file.ReadChecked(_table, table, ErrorId, $"certificate table of {_name}");
        for (int at = 0; at + 8 <= table.Length && signatures.Count < MaximumSignatures;)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(at));
            if (length < 8 || at + length > table.Length)
            {
                throw Damaged("certificate table", _table + at, "an entry that ends within the table", $"a length of {length}");
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(at + 6)) == 2)
            {
                Add(signatures, SignedMessage.Read(table[(at + 8)..(int)(at + length)], place), place);
            }

            at += (int)((length + 7) / 8 * 8);
        }

        return signatures;
    }

    /// <summary>The digest that an embedded signature vouches for is that of this file.</summary>
    public bool IsCoveredBy(SignatureReading signature)
    {
        Asn1Place place = new("SignatureDamaged", $"the signature in {_name}");
        if (signature.Message.ContentType != Oids.IndirectData)
        {
            return false;
        }

        IndirectData data = place.Read(signature.Message.Content, (reader, _) => IndirectData.ReadFields(reader));
        return DigestKind.Of(data.Algorithm) is { } kind && data.Digest.AsSpan().SequenceEqual(Digest(kind));
    }

    private static void Add(List<SignatureReading> signatures, SignedMessage message, Asn1Place place)
    {
        signatures.Add(SignatureReading.Of(message, place));
        foreach (byte[] nested in message.Signer?.Nested ?? [])
        {
            if (signatures.Count < MaximumSignatures)
            {
                signatures.Add(SignatureReading.Of(SignedMessage.Read(nested, place), place));
            }
        }
    }

    private void CheckTable()
    {
        if (_tableLength > 0 && (_table < _entry + 8 || _table + _tableLength > _file.Length || _tableLength > MaximumTable))
        {
            throw Damaged("certificate table", _entry, $"a table within the {_file.Length} bytes of the file",
                $"{_tableLength} bytes at {_table}");
        }
    }

    private void Append(IncrementalHash hash, long from, long to)
    {
        byte[] buffer = new byte[(int)Math.Min(ChunkLength, Math.Max(to - from, 0))];
        for (long offset = from; offset < to; offset += buffer.Length)
        {
            Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - offset));
            _file.ReadChecked(offset, chunk, ErrorId, _name);
            hash.AppendData(chunk);
        }
    }

    private DiskFormatException Damaged(string what, long offset, string expected, string found) => new(
        ErrorId, $"{what} of {_name}", offset, expected, found, "The driver source is damaged: fetch it again.");
}
