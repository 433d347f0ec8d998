using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>What can be put right of a disk that does not start its Windows. Only what the disk itself proves is in it.</summary>
internal sealed class BcdRepairPlan
{
    private readonly BcdDisk _disk;

    private BcdRepairPlan(WindowsLayout layout, BcdDisk disk)
    {
        Layout = layout;
        _disk = disk;
    }

    /// <summary>The disk as it will be: with the system partition that the repaired partition table makes.</summary>
    public WindowsLayout Layout { get; private set; }

    public List<BcdRepair> Repairs { get; } = [];

    /// <param name="layout">The disk. Its active flags may be out of date.</param>
    /// <param name="device">Its sectors as they are now.</param>
    /// <exception cref="Diagnostics.Hyper2KvmException">The store cannot be read.</exception>
    public static BcdRepairPlan Make(WindowsLayout layout, IBlockDevice device)
    {
        GuestDisk volumes = GuestDisk.Open(device);
        IGuestFileSystem? OpenVolume(PartitionInfo partition) =>
            volumes.Volumes.FirstOrDefault(volume => volume.Partition.Number == partition.Number)?.FileSystem;
        IReadOnlyList<PartitionInfo> partitions =
            [.. layout.Partitions.Select(partition => partition with
            {
                IsActive = volumes.Table.Entries.Any(entry => entry.Number == partition.Number && entry.IsActive),
            })];
        WindowsLayout now = layout with { Partitions = partitions };
        BcdRepairPlan plan = new(now, new BcdDisk(now, OpenVolume));
        if (now.Firmware == FirmwareMode.Bios)
        {
            plan.RepairActive();
            plan.RepairBiosFiles();
        }
        else
        {
            plan.RepairEfiFiles((partition, path) => OpenVolume(partition)?.OpenFile(path));
        }

        if (plan.Layout is { BootPartition: { } boot, BcdPath: { } path } && OpenVolume(boot) is { } files)
        {
            Hive hive = HiveLocator.Open(files, path);
            plan.RepairStore(hive, BcdStore.Open(hive), new BcdDisk(plan.Layout, OpenVolume));
        }

        return plan;
    }

    public BcdFinding Mark(BcdFinding finding) =>
        Repairs.Any(repair => repair.Answers(finding)) ? finding with { IsRepairable = true } : finding;

    /// <summary>A BIOS starts the one active partition: that must be the one with the boot manager.</summary>
    private void RepairActive()
    {
        if (Layout.PartitionStyle != PartitionStyle.Mbr)
        {
            return;
        }

        PartitionInfo[] active = [.. Layout.Partitions.Where(partition => partition.IsActive)];
        if (BootFiles.BiosSystemPartition(Layout, _disk) is not { } holder)
        {
            return;
        }

        if (active is not [var one] || one.Number != holder.Number)
        {
            Repairs.Add(new BcdRepair
            {
                FindingIds = ["BcdSystemPartitionMissing", "BcdSeveralActive", "BcdActiveWrong", "BcdStoreMissing"],
                ActivePartition = holder.Number,
            });
        }

        Layout = Layout with
        {
            BootPartition = holder,
            BcdPath = _disk.Exists(holder, BootFiles.BiosStore) == true ? BootFiles.BiosStore : null,
        };
    }

    private void RepairBiosFiles()
    {
        if (Layout.Windows.Major >= 6 && Layout.BootPartition is { } system && _disk.Exists(system, BootFiles.BiosBootManager) == false)
        {
            // Windows keeps what bcdboot copies.
            string source = Layout.WindowsRoot + @"\Boot\PCAT\bootmgr";
            if (_disk.Exists(Layout.WindowsPartition, source) == true)
            {
                Repairs.Add(new BcdRepair
                {
                    FindingIds = ["BcdBootManagerFileMissing"],
                    CopyFrom = (Layout.WindowsPartition, source),
                    CopyTo = BootFiles.BiosBootManager,
                });
            }
        }
    }

    private void RepairEfiFiles(Func<PartitionInfo, GuestPath, IBlockDevice?> open)
    {
        if (Layout.BootPartition is not { } system)
        {
            return;
        }

        (PartitionInfo Partition, string Path) manager = (system, BootFiles.EfiBootManager);
        if (_disk.Exists(system, BootFiles.EfiBootManager) == false)
        {
            manager = (Layout.WindowsPartition, Layout.WindowsRoot + @"\Boot\EFI\bootmgfw.efi");
            CopyTo(BootFiles.EfiBootManager, "BcdBootManagerFileMissing");
        }

        string fallback = BootFiles.EfiFallback(Layout.Windows.Architecture);
        if (_disk.Exists(system, fallback) == false)
        {
            CopyTo(fallback, "BcdFallbackLoaderMissing");
        }

        // Firmware starts programs of its own processor only, whatever they are called.
        void CopyTo(string target, string findingId)
        {
            if (_disk.Exists(manager.Partition, manager.Path) == true
                && open(manager.Partition, manager.Path) is { } file
                && PeMachine.Of(file) == PeMachine.For(Layout.Windows.Architecture))
            {
                Repairs.Add(new BcdRepair { FindingIds = [findingId], CopyFrom = manager, CopyTo = target });
            }
        }
    }

    private void RepairStore(Hive hive, BcdStore store, BcdDisk disk)
    {
        Repairs.AddRange(new BcdDeviceRepairs(hive, store, Layout, disk).Find());
        if (Layout.Firmware == FirmwareMode.Uefi
            && store.DefaultId is { } id
            && store.Find(id) is { Type: BcdObjectTypes.OsLoader } loader
            && loader.Find(BcdElementTypes.GraphicsModeDisabled)?.Flag == true)
        {
            Repairs.Add(new BcdRepair
            {
                FindingIds = ["BcdGraphicsModeDisabled"],
                ObjectId = id,
                ElementType = BcdElementTypes.GraphicsModeDisabled,
            });
        }
    }
}
