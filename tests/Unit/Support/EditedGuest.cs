using System.Security.Cryptography;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A guest before and after both edits of the pipeline, taken apart by foreign tools: what judges look at.</summary>
internal sealed class EditedGuest
{
    private readonly Dictionary<string, HiveDump> _before = [];
    private readonly Dictionary<string, HiveDump> _after = [];

    /// <param name="folder">Where to work.</param>
    /// <param name="disk">The raw source image.</param>
    /// <param name="drivers">ISO or folder; null for the sample ISO.</param>
    /// <param name="adapt">What the plan is to say that its stand-ins cannot.</param>
    public EditedGuest(TempFolder folder, string disk, string? drivers = null, Func<VirtioDriverPlan, VirtioDriverPlan>? adapt = null)
    {
        Disk = disk;
        SourceHash = Hash(disk);
        Layout = Plans.Probe(disk);
        VirtioDriverPlan plan = Plans.Plan(disk, drivers);
        Edit = Plans.Run(Plans.Request(adapt?.Invoke(plan) ?? plan, disk));
        Flat = folder.File("flat.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-f", "qcow2", "-O", "raw", Edit.ImagePath, Flat);
        Before = VolumeSnapshot.Take(WindowsVolume(disk, Layout.WindowsPartition, folder.File("before")));
        After = VolumeSnapshot.Take(WindowsVolume(Flat, Layout.WindowsPartition, folder.File("after")));
        NetChanges = Net(Edit.Changes);
    }

    public string Disk { get; }

    public string SourceHash { get; }

    /// <summary>Before the edit.</summary>
    public WindowsLayout Layout { get; }

    public GuestEdit Edit { get; }

    public VirtioDriverPlan Plan => Edit.Plan!;

    /// <summary>The edited disk without its overlay.</summary>
    public string Flat { get; }

    public VolumeSnapshot Before { get; }

    public VolumeSnapshot After { get; }

    /// <summary>What the edit says it changed, each thing once: from its first state to its last.</summary>
    public IReadOnlyCollection<GuestChange> NetChanges { get; }

    /// <summary>SYSTEM, SOFTWARE: those that the edit says it changed.</summary>
    public IReadOnlyList<string> EditedHives => [.. NetChanges
        .Where(change => change.Target.StartsWith(@"HKLM\", StringComparison.Ordinal))
        .Select(change => change.Target.Split('\\')[1])
        .Distinct()];

    public static string Hash(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexString(SHA256.HashData(stream));
    }

    /// <summary>Copies a partition out of a raw disk, holes and all.</summary>
    public static string WindowsVolume(string rawDisk, PartitionInfo partition, string target)
    {
        ForeignTool.RunOk(
            "qemu-img", "convert", "-O", "raw", "--image-opts",
            $"driver=raw,offset={partition.Offset},size={partition.Size},file.driver=file,file.filename={rawDisk}", target);
        return target;
    }

    /// <summary>The hive as it lay there; a dirty one with its logs replayed, which other tests judge.</summary>
    public byte[] HiveBefore(string name)
    {
        byte[] bytes = File.ReadAllBytes(Before.Hive(name));
        if (RawHive.IsClean(bytes))
        {
            return bytes;
        }

        MemoryBlockDevice copy = new(bytes);
        MemoryBlockDevice[] logs = [.. ((string[])[".LOG1", ".LOG2"]).Select(log => new MemoryBlockDevice(File.ReadAllBytes(Before.Hive(name + log))))];
        Hive.Open(new MemoryBlockDevice([.. bytes]), logs, name).Save(copy, new DateTime(2024, 5, 6, 0, 0, 0, DateTimeKind.Utc));
        return copy.ToArray();
    }

    /// <summary>hivex's view of <see cref="HiveBefore"/>.</summary>
    public HiveDump DumpBefore(string name) => Dump(_before, name, HiveBefore);

    /// <summary>hivex's view of <see cref="HiveAfter"/>.</summary>
    public HiveDump DumpAfter(string name) => Dump(_after, name, HiveAfter);

    public byte[] HiveAfter(string name) => File.ReadAllBytes(After.Hive(name));

    private static HiveDump Dump(Dictionary<string, HiveDump> known, string name, Func<string, byte[]> read)
    {
        if (!known.TryGetValue(name, out HiveDump? dump))
        {
            known[name] = dump = HiveDump.Of(read(name));
        }

        return dump;
    }

    public static IReadOnlyCollection<GuestChange> Net(IEnumerable<GuestChange> changes)
    {
        Dictionary<string, GuestChange> net = new(StringComparer.OrdinalIgnoreCase);
        foreach (GuestChange change in changes.Where(change => change.Kind != GuestChangeKind.Unchanged))
        {
            net[change.Target] = net.TryGetValue(change.Target, out GuestChange? first)
                ? first with { After = change.After }
                : change;
        }

        return net.Values;
    }
}
