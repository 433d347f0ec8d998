using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>An NTFS volume, read-only.</summary>
/// <remarks>Only the structures on the way are read: a path costs its directories' index nodes and a file record for each part.</remarks>
public sealed class NtfsVolume : IGuestFileSystem
{
    private const uint WofTag = 0x8000_0017;
    private const uint DedupTag = 0x8000_0013;

    private readonly UpcaseTable _upcase;

    private NtfsVolume(MasterFileTable table)
    {
        Table = table;
        NtfsFile upcase = Load(new FileReference(FileReference.UpcaseNumber, 0));
        _upcase = new UpcaseTable(upcase.OpenStream(upcase.Require(AttributeType.Data, "")));
        NtfsFile volume = Load(new FileReference(FileReference.VolumeNumber, 0));
        Label = volume.Find(AttributeType.VolumeName, "")?.Resident is { } label ? System.Text.Encoding.Unicode.GetString(label) : "";
        State = ReadState(volume);
    }

    public string Kind => "NTFS";

    public string Label { get; }

    /// <summary>Flags, log state and geometry, as they were when the volume was opened.</summary>
    public NtfsVolumeState State { get; }

    internal MasterFileTable Table { get; }

    internal UpcaseTable Upcase => _upcase;

    internal NtfsBootSector Boot => Table.Boot;

    /// <summary>True when the volume's first sector is an NTFS boot sector; false for BitLocker, ReFS and anything else.</summary>
    public static bool IsNtfs(IBlockDevice volume)
    {
        if (volume.Length < NtfsBootSector.Size)
        {
            return false;
        }

        byte[] sector = new byte[NtfsBootSector.Size];
        volume.Read(0, sector);
        return NtfsBootSector.HasSignature(sector);
    }

    /// <exception cref="DiskFormatException">The boot sector or one of the first file records is damaged, or the volume is cut short.</exception>
    public static NtfsVolume Open(IBlockDevice volume) => new(MasterFileTable.Open(volume, ReadBootSector(volume)));

    public GuestEntry? Find(GuestPath path)
    {
        (NtfsFile? file, string name) = Walk(path);
        return file is null ? null : EntryOf(file, name);
    }

    public IEnumerable<GuestEntry> List(GuestPath directory) =>
        NamesIn(ResolveDirectory(directory)).Select(name => EntryOf(Load(name.Reference), new string(FileNameView.NameOf(name.Key))));

    public IEnumerable<GuestEntry> ListWithFaults(GuestPath directory) => ListWithFaults(ResolveDirectory(directory));

    public IBlockDevice OpenFile(GuestPath path)
    {
        NtfsFile file = Resolve(path);
        return file.IsDirectory ? throw NotFound(path, "is a directory") : OpenData(file, path);
    }

    internal NtfsFile Load(FileReference reference) => NtfsFile.Load(Table, reference);

    /// <summary>The file at a path.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>GuestPathNotFound</c>.</exception>
    internal NtfsFile Resolve(GuestPath path) => Walk(path).File ?? throw NotFound(path, "is not there");

    internal DirectoryIndex OpenDirectory(NtfsFile directory) => new(IndexTree.Open(directory, IndexTree.Directory, Boot), _upcase);

    /// <summary>Null when a part is missing, or lies behind a file or a link.</summary>
    internal (NtfsFile? File, string Name) Walk(GuestPath path)
    {
        NtfsFile file = Load(new FileReference(FileReference.RootNumber, 0));
        string name = "";
        foreach (string part in path.Parts)
        {
            if (!file.IsDirectory || (name.Length > 0 && StandardInformation.AttributesOf(file).HasFlag(GuestFileAttributes.ReparsePoint))
                || OpenDirectory(file).Find(part) is not { } entry)
            {
                return (null, "");
            }

            file = Load(entry.Reference);
            name = new string(FileNameView.NameOf(entry.Key));
        }

        return (file, name);
    }

    internal static GuestItemNotFoundException NotFound(GuestPath path, string why) =>
        new("GuestPathNotFound", path.ToString(), $"'{path}' {why} on this volume.");

    private static NtfsBootSector ReadBootSector(IBlockDevice volume)
    {
        byte[] sector = new byte[NtfsBootSector.Size];
        volume.ReadChecked(0, sector, "NtfsBootSectorDamaged", "NTFS boot sector");
        NtfsBootSector boot = NtfsBootSector.Read(sector);
        if (boot.ClusterBytes > volume.Length)
        {
            throw new DiskFormatException(
                "NtfsVolumeTruncated",
                "NTFS volume",
                volume.Length,
                $"{boot.ClusterBytes} bytes of clusters",
                $"{volume.Length} bytes",
                "The image or its partition table is cut short: compare its size with the original's.");
        }

        return boot;
    }

    private NtfsVolumeState ReadState(NtfsFile volume)
    {
        byte[]? information = volume.Require(AttributeType.VolumeInformation, "").Resident;
        if (information is null || information.Length < 0x0C)
        {
            throw MasterFileTable.Damaged(FileReference.VolumeNumber, "volume information of 12 bytes", "less");
        }

        NtfsFile logFile = Load(new FileReference(FileReference.LogFileNumber, 0));
        LogFileState log = LogFileReader.Read(logFile.OpenStream(logFile.Require(AttributeType.Data, "")));
        return new NtfsVolumeState(
            information[0x08], information[0x09], Le.U16(information, 0x0A), log,
            Boot.SerialNumber, Boot.ClusterSize, Boot.FileRecordSize, Boot.SectorSize);
    }

    private NtfsFile ResolveDirectory(GuestPath path) =>
        Resolve(path) is { IsDirectory: true } file ? file : throw NotFound(path, "is not a directory");

    private IEnumerable<IndexEntry> NamesIn(NtfsFile directory) =>
        OpenDirectory(directory).List().Where(entry => entry.Reference.Number >= FileReference.FirstUserNumber);

    private IEnumerable<GuestEntry> ListWithFaults(NtfsFile directory)
    {
        HashSet<long> folders = [];
        byte[] buffer = new byte[Boot.FileRecordSize];
        foreach (IndexEntry entry in NamesIn(directory))
        {
            yield return EntryOrFault(entry, directory, folders, buffer);
        }
    }

    private GuestEntry EntryOrFault(IndexEntry entry, NtfsFile directory, HashSet<long> folders, byte[] buffer)
    {
        string name = new(FileNameView.NameOf(entry.Key));
        try
        {
            NtfsFile file = NtfsFile.LoadOnce(Table, entry.Reference, buffer);
            if (file.IsDirectory)
            {
                CheckParent(file, directory, folders);
            }

            return EntryOf(file, name);
        }
        catch (DiskFormatException exception)
        {
            return new GuestEntry(name, default, 0, default) { Fault = exception };
        }
    }

    /// <summary>A folder has one name in one folder, and its record says in which: so what a walk can reach is a tree, without cycles.</summary>
    private static void CheckParent(NtfsFile folder, NtfsFile directory, HashSet<long> seen)
    {
        if (!seen.Add(folder.Number))
        {
            throw MasterFileTable.Damaged(folder.Number, "a folder with one name", "another");
        }

        foreach (byte[] name in folder.ReadAllResident(AttributeType.FileName))
        {
            if (!FileNameView.IsWhole(name) || new FileNameView(name).Parent.Number != directory.Number)
            {
                throw MasterFileTable.Damaged(folder.Number, $"a folder that lies in file record {directory.Reference}", "one that lies elsewhere");
            }
        }
    }

    /// <remarks>Taken from the file record: what the directory says may be stale for all but one of a file's links.</remarks>
    private static GuestEntry EntryOf(NtfsFile file, string name) => new(
        name,
        StandardInformation.AttributesOf(file),
        file.IsDirectory ? 0 : file.DataSize(),
        StandardInformation.ModifiedUtc(file));

    private static IBlockDevice OpenData(NtfsFile file, GuestPath path)
    {
        if (StandardInformation.AttributesOf(file).HasFlag(GuestFileAttributes.ReparsePoint)
            && file.Find(AttributeType.ReparsePoint, "") is { } attribute)
        {
            byte[] reparse = file.ReadValue(attribute, 16 * 1024);
            uint tag = reparse.Length >= 8 ? Le.U32(reparse, 0) : 0;
            if (tag == WofTag)
            {
                IBlockDevice compressed = file.OpenStream(file.Require(AttributeType.Data, "WofCompressedData"));
                return CompactOsDevice.Open(compressed, file.Require(AttributeType.Data, "").DataSize, reparse, path.ToString());
            }

            if (tag == DedupTag || file.Find(AttributeType.Data, "") is null or { DataSize: 0 })
            {
                throw new UnsupportedFeatureException("NtfsReparsePoint", $"a file kept elsewhere (reparse tag 0x{tag:X8})", path.ToString());
            }
        }

        AttributeData? data = file.Find(AttributeType.Data, "");
        if (data is null)
        {
            throw MasterFileTable.Damaged(file.Number, "a data attribute", "none");
        }

        return data.IsEncrypted
            ? throw new UnsupportedFeatureException("NtfsEncrypted", "a file encrypted by EFS", path.ToString(), "Decrypt it in the guest.")
            : file.OpenStream(data);
    }
}
