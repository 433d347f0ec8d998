using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing;

/// <summary>One volume of a guest that steps may edit, and the hives on it. Every change is recorded.</summary>
internal sealed class EditableVolume
{
    /// <summary>Driver packages are a few megabytes; a larger file in one is not a driver.</summary>
    private const int MaxFileSize = 64 * 1024 * 1024;

    private readonly ChangeRecorder _recorder;
    private readonly DateTime _utcNow;
    private readonly string _prefix;
    private readonly Dictionary<string, HiveEditor> _hives = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<GuestPath> _touched = [];
    private readonly List<GuestPath> _changedHives = [];

    private EditableVolume(PartitionInfo partition, IWritableGuestFileSystem files, string prefix, ChangeRecorder recorder, DateTime utcNow)
    {
        Partition = partition;
        Files = files;
        _prefix = prefix;
        _recorder = recorder;
        _utcNow = utcNow;
    }

    public PartitionInfo Partition { get; }

    public IWritableGuestFileSystem Files { get; }

    /// <summary>Files and directories that the edit wrote, for the checkers.</summary>
    public IReadOnlyList<GuestPath> Touched => _touched;

    /// <summary>Guest paths of the hives that <see cref="Complete"/> wrote.</summary>
    public IReadOnlyList<GuestPath> ChangedHives => _changedHives;

    /// <param name="disk">The whole disk.</param>
    /// <param name="partition">Where the volume lies on it.</param>
    /// <param name="prefix">Goes before guest paths in the record: empty for the Windows volume.</param>
    /// <param name="recorder">Hears every change.</param>
    /// <param name="utcNow">The one time that the edit stamps everywhere.</param>
    public static EditableVolume Open(
        IWritableBlockDevice disk, PartitionInfo partition, string prefix, ChangeRecorder recorder, DateTime utcNow)
    {
        WritableBlockSlice volume = new(disk, new BlockRange(partition.Offset, partition.Size));
        IWritableGuestFileSystem files = NtfsVolume.IsNtfs(volume) ? NtfsWriter.Open(volume) : FatWriter.Open(volume);
        return new EditableVolume(partition, files, prefix, recorder, utcNow);
    }

    /// <summary>Writes a file unless it is there with the same content; missing directories are made.</summary>
    public void WriteFile(GuestPath path, byte[] content)
    {
        string after = Describe(content);
        GuestEntry? existing = Files.Find(path);
        string? before = existing is null ? null : Describe(ReadFile(path));
        if (before == after)
        {
            _recorder.AddUnchanged(Name(path), after);
            return;
        }

        CreateDirectories(path.Parent);
        Files.WriteFile(path, new MemoryBlockDevice(content), _utcNow);
        _touched.Add(path);
        _recorder.Add(existing is null ? GuestChangeKind.FileAdded : GuestChangeKind.FileReplaced, Name(path), before, after);
    }

    public byte[] ReadFile(GuestPath path) => Files.OpenFile(path).ReadAll(MaxFileSize, "GuestFileTooLarge", Name(path));

    /// <summary>Makes the directory and its parents where they are missing.</summary>
    public void CreateDirectories(GuestPath path)
    {
        if (path.IsRoot || Files.Find(path) is not null)
        {
            return;
        }

        CreateDirectories(path.Parent);
        Files.CreateDirectory(path, _utcNow);
        _touched.Add(path);
        _recorder.Add(GuestChangeKind.DirectoryAdded, Name(path), null, "");
    }

    /// <summary>A hive on this volume, to be edited; written back by <see cref="Complete"/> when it was changed.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="root">What its root is called in the record, for example <c>HKLM\SYSTEM</c>.</param>
    public HiveEditor OpenHive(GuestPath path, string root)
    {
        if (!_hives.TryGetValue(path.ToString(), out HiveEditor? editor))
        {
            editor = new HiveEditor(HiveLocator.Open(Files, path), path, root, _recorder, _utcNow);
            _hives.Add(path.ToString(), editor);
        }

        return editor;
    }

    /// <summary>Writes the changed hives back and everything that the file system still holds.</summary>
    public void Complete()
    {
        // A hive that was only read stays as it is, even a dirty one: its logs are still beside it.
        foreach (HiveEditor editor in _hives.Values.Where(editor => editor.Hive.IsChanged))
        {
            if (editor.Hive.Recovery is { } recovery)
            {
                _recorder.Add(GuestChangeKind.HiveRepaired, Name(editor.Path), recovery, "clean");
            }

            // The logs first: a stale one beside a fresh hive would be replayed over the edit.
            foreach (GuestPath log in HiveLocator.LogsOf(Files, editor.Path))
            {
                Hive.ResetLog(Files.OpenFileForWriting(log));
                _touched.Add(log);
            }

            editor.Hive.Save(Files.OpenFileForWriting(editor.Path), _utcNow);
            _touched.Add(editor.Path);
            _changedHives.Add(editor.Path);
        }

        Files.Flush();
    }

    private string Name(GuestPath path) => _prefix + path;

    private static string Describe(byte[] content) =>
        string.Create(CultureInfo.InvariantCulture, $"{content.Length} bytes, SHA-256 {Sha256Text.Of(content)}");
}
