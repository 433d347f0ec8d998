using System.Globalization;
using System.Runtime.InteropServices;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>What all parts of <see cref="NtfsChecker"/> need: the volume, its bitmaps and letters, and where findings go.</summary>
internal sealed class NtfsCheckerContext
{
    private const int AttributeListLimit = 256 * 1024;
    private const int Letters = 0x10000;

    private readonly MasterFileTable _table;
    private readonly StreamDevice _records;
    private readonly NtfsCheckerBits _recordBits;

    private NtfsCheckerContext(IBlockDevice device, NtfsBootSector boot, NtfsCheckerFindings findings)
    {
        Device = device;
        Boot = boot;
        Findings = findings;
        _table = MasterFileTable.Open(device, boot);
        RecordCount = _table.RecordCount;
        _records = new StreamDevice(device, boot.ClusterSize, _table.Data.Runs, RecordCount * boot.FileRecordSize, RecordCount * boot.FileRecordSize);
        _recordBits = new NtfsCheckerBits(OpenSystem(FileReference.MftNumber, AttributeType.Bitmap, ""));
        ClusterBitmap = OpenSystem(FileReference.BitmapNumber, AttributeType.Data, "");
        ClusterBits = new NtfsCheckerBits(ClusterBitmap);
        Upcase = ReadUpcase();
    }

    public IBlockDevice Device { get; }

    public NtfsBootSector Boot { get; }

    public NtfsCheckerFindings Findings { get; }

    public long RecordCount { get; }

    /// <summary>$Bitmap's data.</summary>
    public IBlockDevice ClusterBitmap { get; }

    public NtfsCheckerBits ClusterBits { get; }

    /// <summary>Upper-case letter of each letter.</summary>
    public char[] Upcase { get; }

    /// <exception cref="DiskFormatException">What is needed to find anything is damaged.</exception>
    public static NtfsCheckerContext Open(IBlockDevice device, NtfsCheckerFindings findings)
    {
        byte[] sector = new byte[NtfsBootSector.Size];
        device.ReadChecked(0, sector, "NtfsBootSectorDamaged", "NTFS boot sector");
        NtfsBootSector boot = NtfsBootSector.Read(sector);
        return boot.ClusterBytes <= device.Length
            ? new NtfsCheckerContext(device, boot, findings)
            : throw new DiskFormatException("NtfsVolumeTruncated", "NTFS volume", device.Length,
                string.Create(CultureInfo.InvariantCulture, $"{boot.ClusterBytes} bytes of clusters"),
                string.Create(CultureInfo.InvariantCulture, $"{device.Length} bytes"));
    }

    /// <summary>The record's bit in $MFT's bitmap.</summary>
    public bool IsMarkedInUse(long number) => _recordBits[number];

    /// <summary>Bits of $MFT's bitmap.</summary>
    public long RecordBitCount => _recordBits.Count;

    /// <summary>File records as they lie on the disk.</summary>
    public void ReadRecords(long first, Span<byte> buffer) => _records.Read(first * Boot.FileRecordSize, buffer);

    /// <summary>A record by its number; null when it is not in use or unreadable, which is a finding.</summary>
    public NtfsCheckerRecord? ReadRecord(long number)
    {
        if (number < 0 || number >= RecordCount)
        {
            return null;
        }

        byte[] bytes = new byte[Boot.FileRecordSize];
        ReadRecords(number, bytes);
        return NtfsCheckerRecord.Read(bytes, number, this, out _);
    }

    /// <summary>A file with its attributes put together; what does not fit together is a finding.</summary>
    public NtfsCheckerFile? LoadFile(long number) =>
        ReadRecord(number) is { BaseRecord.Value: 0 } record ? NtfsCheckerFile.Assemble(record, this) : null;

    public IBlockDevice Open(NtfsCheckerAttribute attribute) => attribute.Value is { } value
        ? new MemoryBlockDevice(value)
        : new StreamDevice(Device, Boot.ClusterSize, attribute.Runs, attribute.DataSize, attribute.InitializedSize);

    public byte[] ReadAttributeList(NtfsCheckerAttribute attribute) =>
        Open(attribute).ReadAll(AttributeListLimit, "NtfsAttributeListDamaged", "NTFS attribute list");

    /// <summary>COLLATION_FILE_NAME: by upper-case letters; names that differ only in case, by their letters.</summary>
    public int CompareNames(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        CompareIgnoringCase(left, right) is not 0 and var order ? order : left.SequenceCompareTo(right);

    public int CompareIgnoringCase(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int common = Math.Min(left.Length, right.Length);
        for (int i = 0; i < common; i++)
        {
            int order = Upcase[left[i]] - Upcase[right[i]];
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length - right.Length;
    }

    /// <summary>Order of attributes in a file record: type, name, lowest VCN.</summary>
    public int CompareAttributes(NtfsCheckerAttribute left, NtfsCheckerAttribute right)
    {
        int order = left.Type.CompareTo(right.Type);
        order = order != 0 ? order : CompareIgnoringCase(left.Name, right.Name);
        return order != 0 ? order : left.LowestVcn.CompareTo(right.LowestVcn);
    }

    private IBlockDevice OpenSystem(long number, uint type, string name)
    {
        NtfsFile file = NtfsFile.Load(_table, new FileReference(number, 0));
        return file.OpenStream(file.Require(type, name));
    }

    private char[] ReadUpcase()
    {
        IBlockDevice stream = OpenSystem(FileReference.UpcaseNumber, AttributeType.Data, "");
        if (stream.Length != Letters * sizeof(char))
        {
            throw new DiskFormatException("NtfsUpcaseDamaged", "NTFS $UpCase", 0, "131072 bytes",
                string.Create(CultureInfo.InvariantCulture, $"{stream.Length} bytes"));
        }

        char[] letters = new char[Letters];
        stream.Read(0, MemoryMarshal.AsBytes(letters.AsSpan()));
        return letters;
    }
}
