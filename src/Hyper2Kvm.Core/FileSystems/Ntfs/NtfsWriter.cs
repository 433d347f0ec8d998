using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>An NTFS 3.1 volume that is edited while Windows is off.</summary>
/// <remarks>
/// <para>Each call is one operation: all its metadata is prepared in memory and written only when all of it is known to work. Existing
/// content is written in place.</para>
/// <para>$LogFile is left as it is. Only a volume whose log has nothing to redo is opened, so Windows reads no log record at the next
/// mount; sequence numbers of the log in records stay as they were and new records carry 0, which is older than anything in the log.</para>
/// <para>$UsnJrnl, $Quota and $ObjId get no entries for what is created here: none is required.</para>
/// </remarks>
public sealed class NtfsWriter : IWritableGuestFileSystem
{
    private const uint Archive = (uint)GuestFileAttributes.Archive;

    private readonly WriteContext _context;

    private NtfsWriter(WriteContext context) => _context = context;

    public string Kind => _context.Volume.Kind;

    public string Label => _context.Volume.Label;

    /// <summary>As it was when the volume was opened.</summary>
    public NtfsVolumeState State => _context.Volume.State;

    /// <exception cref="GuestStateException">The volume or its log is not clean.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>NtfsVersion</c>: not NTFS 3.1.</exception>
    /// <exception cref="DiskFormatException">The volume is damaged.</exception>
    public static NtfsWriter Open(IWritableBlockDevice volume)
    {
        RequireWritable(NtfsVolume.Open(volume));
        WriteContext context = new(volume);
        RequireMirror(context);
        return new NtfsWriter(context);
    }

    public GuestEntry? Find(GuestPath path) => _context.Volume.Find(path);

    public IEnumerable<GuestEntry> List(GuestPath directory) => _context.Volume.List(directory);

    public IBlockDevice OpenFile(GuestPath path) => _context.Volume.OpenFile(path);

    public IResizableBlockDevice OpenFileForWriting(GuestPath path)
    {
        NtfsFile file = _context.Volume.Resolve(path);
        RequirePlainFile(file, path);
        return new NtfsFileDevice(_context, file.Reference);
    }

    public void WriteFile(GuestPath path, IBlockDevice content, DateTime modifiedUtc)
    {
        long time = ToFileTime(modifiedUtc);
        if (_context.Volume.Walk(path).File is not { } existing)
        {
            _context.Run(() => Create(path, time, content));
            return;
        }

        RequirePlainFile(existing, path);
        if (!FileContent.AreEqual(_context.Volume.OpenFile(path), content))
        {
            _context.Run(() => Replace(existing.Reference, content, time));
        }
    }

    public void CreateDirectory(GuestPath path, DateTime modifiedUtc)
    {
        if (_context.Volume.Walk(path).File is not { } existing)
        {
            _context.Run(() => Create(path, ToFileTime(modifiedUtc), null));
        }
        else if (!existing.IsDirectory)
        {
            throw Refused("GuestPathIsFile", path, "is a file", "Choose another name.");
        }
    }

    public void Flush() => _context.Device.Flush();

    private static void RequireWritable(NtfsVolume volume)
    {
        NtfsVolumeState state = volume.State;
        (string? id, string why) = state switch
        {
            { IsDirty: true } => ("NtfsVolumeDirty", "is marked for chkdsk"),
            { IsLogResizePending: true } or { IsUpgradePending: true } => ("NtfsVolumePending", "is to be upgraded at its next mount"),
            { Log: LogFileState.NotClean } => ("NtfsLogNotClean", "was not dismounted cleanly: its log holds changes that are not yet on the volume"),
            { Log: LogFileState.Version2InUse } => ("NtfsLogVersion2", "was not dismounted: its log is in the form Windows uses while a volume is mounted"),
            { Log: LogFileState.Damaged } => ("NtfsLogDamaged", "has a log that cannot be read"),
            _ => (null, ""),
        };
        if (id is not null)
        {
            throw new GuestStateException(
                id,
                volume.Label,
                $"The NTFS volume '{volume.Label}' {why}.",
                "Start the guest and shut it down fully (shutdown /s /t 0, no hibernation), then try again.");
        }

        if (state is not { MajorVersion: 3, MinorVersion: 1 })
        {
            throw new UnsupportedFeatureException("NtfsVersion", $"writing to NTFS {state.MajorVersion}.{state.MinorVersion}", $"NTFS volume '{volume.Label}'");
        }
    }

    /// <summary>The copies of the first file records must agree with them, as they do on a volume that is well.</summary>
    private static void RequireMirror(WriteContext context)
    {
        byte[] copy = new byte[context.RecordSize];
        for (int number = 0; number < 4; number++)
        {
            long place = (context.Volume.Boot.MftMirrorLcn * context.ClusterSize) + (number * context.RecordSize);
            context.Device.ReadChecked(place, copy, "NtfsMirrorDiffers", "NTFS $MFTMirr");
            byte[] record = context.Table.Read(number);
            int used = new FileRecordView(record).BytesInUse;
            if (!UpdateSequence.TryRemove(copy) || !copy.AsSpan(0, used).SequenceEqual(record.AsSpan(0, used)))
            {
                throw new DiskFormatException(
                    "NtfsMirrorDiffers",
                    "NTFS $MFTMirr",
                    place,
                    $"a copy of {MasterFileTable.Name(number)}",
                    "something else",
                    "Run chkdsk in the guest before migrating it.");
            }
        }
    }

    private static void RequirePlainFile(NtfsFile file, GuestPath path)
    {
        if (file.IsDirectory)
        {
            throw Refused("GuestPathIsDirectory", path, "is a directory", "Choose another name.");
        }

        if (file.Number < FileReference.FirstUserNumber)
        {
            throw Refused("NtfsSystemFile", path, "is a file of the file system itself", "Choose another name.");
        }

        GuestFileAttributes attributes = StandardInformation.AttributesOf(file);
        AttributeData data = file.Require(AttributeType.Data, "");
        if (attributes.HasFlag(GuestFileAttributes.ReparsePoint) || data.Flags != 0)
        {
            throw new UnsupportedFeatureException(
                "NtfsSpecialStream", "writing to a link or a compressed, encrypted or sparse file", path.ToString(), "Remove that attribute in the guest.");
        }
    }

    private static GuestStateException Refused(string id, GuestPath path, string why, string remedy) =>
        new(id, path.ToString(), $"'{path}' {why}.", remedy);

    private static long ToFileTime(DateTime time) =>
        Math.Max(0, time.Ticks - DateTime.FromFileTimeUtc(0).Ticks);

    private void Replace(FileReference reference, IBlockDevice content, long time)
    {
        FileEditor file = new(_context, reference);
        FileContent.Replace(_context, file, content);
        Span<byte> information = FileEditor.ViewOf(file.Parts(AttributeType.StandardInformation, "")[0]).Value;
        Le.I64(information, 0x08, time);
        Le.I64(information, 0x10, time);
        Le.U32(information, 0x20, Le.U32(information, 0x20) | Archive);
        file.Save();
        FileNames.UpdateEntries(_context, reference);
    }

    /// <param name="path">Not there yet.</param>
    /// <param name="time">As NTFS counts it.</param>
    /// <param name="content">Null for a directory.</param>
    private void Create(GuestPath path, long time, IBlockDevice? content)
    {
        NtfsFile parent = RequireParent(path);
        uint security = _context.Security.ForNew(parent.Reference, content is null);
        FileReference reference = _context.Records.Allocate(mayGrow: true, out byte[] record);
        FileRecordView view = new(record);
        view.Flags = (ushort)(FileRecordView.InUseFlag | (content is null ? FileRecordView.DirectoryFlag : 0));
        view.LinkCount = 1;

        FileEditor file = new(_context, reference, record);
        file.Add(AttributeBuilder.Resident(
            AttributeType.StandardInformation, "", 0, false, StandardInformation.Create(time, content is null ? 0 : Archive, security)));
        file.Add(AttributeBuilder.Resident(AttributeType.FileName, "", 0, true, FileNames.Create(parent.Reference, path.Name)));
        if (content is null)
        {
            byte[] root = IndexEditor.EmptyRoot(AttributeType.FileName, 1, _context.Volume.Boot);
            file.Add(AttributeBuilder.Resident(AttributeType.IndexRoot, IndexTree.Directory, 0, false, root));
        }
        else
        {
            file.Add(AttributeBuilder.Resident(AttributeType.Data, "", 0, false, []));
            FileContent.Replace(_context, file, content);
        }

        file.Save();
        Span<byte> fileName = FileEditor.ViewOf(file.Parts(AttributeType.FileName, "")[0]).Value;
        FileNames.CopyInformation(_context.Volume.Load(reference), fileName);
        file.Save();
        FileNames.AddToDirectory(_context, parent.Reference, reference, fileName.ToArray());
        TouchDirectory(parent.Reference, time);
    }

    private NtfsFile RequireParent(GuestPath path)
    {
        NtfsFile parent = _context.Volume.Resolve(path.Parent);
        if (!parent.IsDirectory || StandardInformation.AttributesOf(parent).HasFlag(GuestFileAttributes.ReparsePoint))
        {
            throw NtfsVolume.NotFound(path.Parent, "is not a directory");
        }

        if (parent.Number < FileReference.FirstUserNumber && parent.Number != FileReference.RootNumber)
        {
            throw Refused("NtfsSystemFile", path.Parent, "is a directory of the file system itself", "Choose another one.");
        }

        return path.Name[^1] is '.' or ' '
            ? throw Refused("GuestPathInvalid", path, "is not a name that Windows can open", "Choose a name that does not end in a dot or a space.")
            : parent;
    }

    /// <summary>Sets a directory's time of change, but never back.</summary>
    private void TouchDirectory(FileReference directory, long time)
    {
        FileEditor file = new(_context, directory);
        Span<byte> information = FileEditor.ViewOf(file.Parts(AttributeType.StandardInformation, "")[0]).Value;
        Le.I64(information, 0x08, Math.Max(time, Le.I64(information, 0x08)));
        Le.I64(information, 0x10, Math.Max(time, Le.I64(information, 0x10)));
        file.Save();
        FileNames.UpdateEntries(_context, directory);
    }
}
