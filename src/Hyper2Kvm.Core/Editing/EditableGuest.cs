using System.Globalization;
using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing;

/// <summary>A guest that steps may edit: its Windows volume and its hives, over a device that takes the writes.</summary>
internal sealed class EditableGuest
{
    /// <summary>Driver packages are a few megabytes; a larger file in one is not a driver.</summary>
    private const int MaxFileSize = 64 * 1024 * 1024;

    private readonly ChangeRecorder _recorder;
    private readonly Dictionary<string, HiveEditor> _hives = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<GuestPath> _touched = [];
    private readonly List<GuestPath> _changedHives = [];
    private Hive? _drivers;

    private EditableGuest(WindowsLayout layout, VirtioDriverPlan plan, IWritableGuestFileSystem files, ChangeRecorder recorder, DateTime utcNow)
    {
        Layout = layout;
        Plan = plan;
        Files = files;
        UtcNow = utcNow;
        _recorder = recorder;
    }

    /// <summary>As probed from the very disk that is edited.</summary>
    public WindowsLayout Layout { get; }

    public VirtioDriverPlan Plan { get; }

    public IWritableGuestFileSystem Files { get; }

    /// <summary>The one time that the edit stamps everywhere.</summary>
    public DateTime UtcNow { get; }

    public GuestPath WindowsRoot => Layout.WindowsRoot;

    public GuestPath System32 => Layout.System32;

    public HiveEditor System => OpenHive(HiveLocator.System);

    public HiveEditor Software => OpenHive(HiveLocator.Software);

    /// <summary>The DRIVERS hive; null before Windows 8 and where it is missing. Only names are looked up in it, so it is taken as it
    /// lies: one that Windows has not written back does not stop an edit that leaves it alone.</summary>
    public Hive? Drivers => PathOf(HiveLocator.Drivers) is var path && Files.Find(path) is { IsDirectory: false }
        ? _drivers ??= Hive.OpenAsFound(Files.OpenFile(path), path.ToString())
        : null;

    /// <summary>Files and directories that the edit wrote, for the checkers.</summary>
    public IReadOnlyList<GuestPath> Touched => _touched;

    /// <summary>Guest paths of the hives that <see cref="Complete"/> wrote.</summary>
    public IReadOnlyList<GuestPath> ChangedHives => _changedHives;

    public static EditableGuest Open(
        IWritableBlockDevice disk, WindowsLayout layout, VirtioDriverPlan plan, ChangeRecorder recorder, DateTime utcNow)
    {
        PartitionInfo partition = layout.WindowsPartition;
        WritableBlockSlice volume = new(disk, new BlockRange(partition.Offset, partition.Size));
        IWritableGuestFileSystem files = NtfsVolume.IsNtfs(volume) ? NtfsWriter.Open(volume) : FatWriter.Open(volume);
        return new EditableGuest(layout, plan, files, recorder, utcNow);
    }

    /// <summary>Writes a file unless it is there with the same content.</summary>
    public void WriteFile(GuestPath path, byte[] content)
    {
        string after = Describe(content);
        GuestEntry? existing = Files.Find(path);
        string? before = existing is null ? null : Describe(ReadFile(path));
        if (before == after)
        {
            _recorder.AddUnchanged(path.ToString(), after);
            return;
        }

        CreateDirectories(path.Parent);
        Files.WriteFile(path, new MemoryBlockDevice(content), UtcNow);
        _touched.Add(path);
        _recorder.Add(existing is null ? GuestChangeKind.FileAdded : GuestChangeKind.FileReplaced, path.ToString(), before, after);
    }

    public byte[] ReadFile(GuestPath path) => Files.OpenFile(path).ReadAll(MaxFileSize, "GuestFileTooLarge", path.ToString());

    /// <summary>Makes the directory and its parents where they are missing.</summary>
    public void CreateDirectories(GuestPath path)
    {
        if (path.IsRoot || Files.Find(path) is not null)
        {
            return;
        }

        CreateDirectories(path.Parent);
        Files.CreateDirectory(path, UtcNow);
        _touched.Add(path);
        _recorder.Add(GuestChangeKind.DirectoryAdded, path.ToString(), null, "");
    }

    /// <summary>Writes the changed hives back and everything that the file system still holds.</summary>
    public void Complete()
    {
        // A hive that was only read stays as it is, even a dirty one: its logs are still beside it.
        foreach (HiveEditor editor in _hives.Values.Where(editor => editor.Hive.IsChanged))
        {
            if (editor.Hive.Recovery is { } recovery)
            {
                _recorder.Add(GuestChangeKind.HiveRepaired, editor.Path.ToString(), recovery, "clean");
            }

            // The logs first: a stale one beside a fresh hive would be replayed over the edit.
            foreach (GuestPath log in HiveLocator.LogsOf(Files, editor.Path))
            {
                Hive.ResetLog(Files.OpenFileForWriting(log));
                _touched.Add(log);
            }

            editor.Hive.Save(Files.OpenFileForWriting(editor.Path), UtcNow);
            _touched.Add(editor.Path);
            _changedHives.Add(editor.Path);
        }

        Files.Flush();
    }

    private HiveEditor OpenHive(string name)
    {
        if (!_hives.TryGetValue(name, out HiveEditor? editor))
        {
            GuestPath path = PathOf(name);
            editor = new HiveEditor(HiveLocator.Open(Files, path), path, $@"HKLM\{name}", _recorder, UtcNow);
            _hives.Add(name, editor);
        }

        return editor;
    }

    private GuestPath PathOf(string hive) => System32 / "config" / hive;

    private static string Describe(byte[] content) =>
        string.Create(CultureInfo.InvariantCulture, $"{content.Length} bytes, SHA-256 {Convert.ToHexString(SHA256.HashData(content)).ToLowerInvariant()}");
}
