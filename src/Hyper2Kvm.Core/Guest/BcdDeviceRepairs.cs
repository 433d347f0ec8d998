using Hyper2Kvm.Bcd;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Finds, for every device element that names a partition which this disk does not have, the one that it must mean.</summary>
/// <remarks>The evidence is the file that the element leads to: just one partition has it. Elements without such a file follow those that
/// named the same lost partition. A Windows that another entry starts already is no evidence: then the lost entry is of another disk.
/// </remarks>
internal sealed class BcdDeviceRepairs(Hive hive, BcdStore store, WindowsLayout layout, BcdDisk disk)
{
    private readonly List<(BcdObject Item, BcdElement Element, BcdPartitionId Lost)> _lost = [];
    private readonly Dictionary<BcdPartitionId, PartitionInfo?> _found = [];

    public IEnumerable<BcdRepair> Find()
    {
        foreach (BcdObject item in store.Objects)
        {
            if (item.Type is BcdObjectTypes.FirmwareApplication or BcdObjectTypes.FirmwareBootManager)
            {
                continue;
            }

            foreach (BcdElement element in item.Elements)
            {
                if (element.Device is { } device && BcdDevicePatch.PartitionOf(device) is { } id && !(disk.Find(id) is not null && disk.IsThisDisk(id)))
                {
                    _lost.Add((item, element, id));
                }
            }
        }

        foreach ((BcdObject item, BcdElement element, BcdPartitionId lost) in _lost)
        {
            Weigh(item, element, lost);
        }

        foreach ((BcdObject item, BcdElement element, BcdPartitionId lost) in _lost)
        {
            if (_found.GetValueOrDefault(lost) is { } partition && Redirect(item, element, partition) is { } data)
            {
                yield return new BcdRepair
                {
                    FindingIds = ["BcdDeviceNotOnDisk", "BcdDiskIdMismatch"],
                    Place = $"{item} {BcdElementNames.NameOf(element.Type, item.Type)}",
                    ObjectId = item.Id,
                    ElementType = element.Type,
                    Data = data,
                };
            }
        }
    }

    /// <summary>Two pieces of evidence that contradict each other leave the partition unknown for good.</summary>
    private void Weigh(BcdObject item, BcdElement element, BcdPartitionId lost)
    {
        if (PathBehind(item, element) is not { Length: > 0 } path || Holder(item, path, lost) is not { } partition)
        {
            return;
        }

        if (!_found.TryGetValue(lost, out PartitionInfo? known))
        {
            _found.Add(lost, partition);
        }
        else if (known is not null && known.Number != partition.Number)
        {
            _found[lost] = null;
        }
    }

    private PartitionInfo? Holder(BcdObject item, string path, BcdPartitionId lost)
    {
        List<PartitionInfo> holders = [];
        foreach (PartitionInfo partition in layout.Partitions)
        {
            bool? exists = disk.Exists(partition, path);
            if (exists is null && partition.FileSystem.Length > 0)
            {
                // It may be there: on a locked or damaged volume nobody knows.
                return null;
            }

            if (exists == true && !IsStartedByAnother(item, partition))
            {
                holders.Add(partition);
            }
        }

        // Of several, the one that is where the store says; only the disk's id has changed then.
        return holders is [var only] ? only : holders.FirstOrDefault(holder => disk.Find(lost)?.Number == holder.Number);
    }

    private bool IsStartedByAnother(BcdObject item, PartitionInfo partition) =>
        item.Type == BcdObjectTypes.OsLoader
        && item.Find(BcdElementTypes.WinPe)?.Flag != true
        && store.Objects.Any(other => other.Type == BcdObjectTypes.OsLoader
            && other.Id != item.Id
            && disk.PartitionOf(other.Device(BcdElementTypes.OsDevice))?.Number == partition.Number
            && SameRoot(other.Text(BcdElementTypes.SystemRoot), item.Text(BcdElementTypes.SystemRoot)));

    private static bool SameRoot(string? left, string? right) =>
        string.Equals(left?.Trim('\\'), right?.Trim('\\'), StringComparison.OrdinalIgnoreCase);

    /// <summary>The file that the element leads to.</summary>
    private static string? PathBehind(BcdObject item, BcdElement element)
    {
        if (element.Device is { Path: { } path, Parent: not null })
        {
            return path;
        }

        return element.Type switch
        {
            BcdElementTypes.ApplicationDevice =>
                item.Text(BcdElementTypes.ApplicationPath) ?? (item.Type == BcdObjectTypes.BootManager ? BootFiles.BiosBootManager : null),
            BcdElementTypes.OsDevice when item.Type == BcdObjectTypes.OsLoader && item.Text(BcdElementTypes.SystemRoot) is { Length: > 0 } root =>
                root.TrimEnd('\\') + @"\System32\config\SYSTEM",
            BcdElementTypes.OsDevice when item.Type == BcdObjectTypes.Resume => item.Text(BcdElementTypes.SystemRoot),
            BcdElementTypes.SdiDevice => item.Text(BcdElementTypes.SdiPath),
            _ => null,
        };
    }

    private byte[]? Redirect(BcdObject item, BcdElement element, PartitionInfo partition)
    {
        BcdPartitionId? id = partition.UniqueId is { } unique && layout.DiskId is { } diskId ? BcdPartitionId.Gpt(unique, diskId)
            : layout.DiskSignature is { } signature and not 0 && layout.DiskId is null ? BcdPartitionId.Mbr((ulong)partition.Offset, signature)
            : null;
        return id is not null && hive.Find(BcdKeys.Element(item.Id, element.Type))?.GetValue(BcdKeys.ElementValue) is { } value
            ? BcdDevicePatch.Redirect(value.Data(), id)
            : null;
    }
}
