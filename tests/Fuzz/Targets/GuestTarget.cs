using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A sound disk whose hives and boot store lie: SYSTEM, SOFTWARE and BCD are the parts. It is probed, its network and its boot
/// store are read, and it gets every edit that there is, each of which is read a second time.</summary>
/// <remarks>An edit that fails its second reading has made damage: that is a finding, not an error.</remarks>
internal sealed class GuestTarget() : FuzzTarget("guest")
{
    private const string Store = @"\EFI\Microsoft\Boot\BCD";
    private const int CacheBytes = 160 << 20;

    private static readonly DateTime s_now = new(2024, 1, 17, 0, 0, 0, DateTimeKind.Utc);
    private static readonly GuestPath[] s_hives = [@"\Windows\System32\config\SYSTEM", @"\Windows\System32\config\SOFTWARE"];

    private static readonly Lazy<DiskImage> s_image = new(() => ImageDetector.Open(Fixture("sample-win2022/sample-win2022.vmdk")));
    private static readonly Lazy<CachedBlockDevice> s_sample = new(() => new CachedBlockDevice(s_image.Value, CacheBytes));
    private static readonly Lazy<DriverSource> s_drivers = new(() => DriverSource.Open(Fixture("sample-virtio-win/sample-virtio-win.iso")));
    private static readonly Lazy<DriverRules> s_rules = new(() => DriverRuleFiles.Load([]));

    public override void Repair(IReadOnlyList<FuzzPart> parts) => HiveTarget.RepairParts(parts);

    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        OverlayBlockDevice disk = Lay(parts);
        WindowsLayout layout = LayoutProbe.Probe(s_image.Value, disk, null);
        WindowsInstallation windows = WindowsFinder.Find(GuestDisk.Open(disk), layout.WindowsPartition.Number, "disk");
        Hive system = HiveLocator.Open(windows.FileSystem, HiveLocator.PathOf(windows, HiveLocator.System));
        Hive software = HiveLocator.Open(windows.FileSystem, HiveLocator.PathOf(windows, HiveLocator.Software));
        Attempt(() =>
        {
            VirtioReadiness readiness = new(system, SystemHiveFacts.Read(system, "SYSTEM"), layout.Windows, windows.FileSystem, windows.Root);
            _ = VirtioReadiness.ReadyDrivers([.. readiness.Checks(), .. readiness.LogChecks()]);
        });
        Attempt(() => Inspect(disk, layout));
        Attempt(() => Edit(disk, layout, [new BcdRepairAction()]));
        Attempt(() => Edit(disk, layout, NetworkActions(layout, system, software)));
        Edit(disk, layout, EditActions(layout));
    }

    private static string Fixture(string name) => Path.Combine(SeedFiles.Repository, "tests", "Fixtures", name);

    /// <summary>The parts in their places on the sample disk.</summary>
    private static OverlayBlockDevice Lay(IReadOnlyList<FuzzPart> parts)
    {
        CachedBlockDevice sample = s_sample.Value;
        OverlayBlockDevice overlay = new(sample);
        foreach (GuestVolume volume in GuestDisk.Open(sample).Volumes)
        {
            BlockRange range = volume.Partition.Range;
            if (volume.Kind == VolumeKind.Ntfs)
            {
                NtfsWriter files = NtfsWriter.Open(new WritableBlockSlice(overlay, range));
                for (int i = 0; i < s_hives.Length; i++)
                {
                    files.WriteFile(s_hives[i], new MemoryBlockDevice(parts[i].Bytes), s_now);
                }

                files.Flush();
            }
            else if (volume.Kind == VolumeKind.Fat)
            {
                FatWriter files = FatWriter.Open(new WritableBlockSlice(overlay, range));
                files.WriteFile(Store, new MemoryBlockDevice(parts[2].Bytes), s_now);
                files.Flush();
            }
        }

        return overlay;
    }

    private static void Inspect(IBlockDevice disk, WindowsLayout layout)
    {
        if (layout.BootPartition is not { } boot || layout.BcdPath is not { } path)
        {
            return;
        }

        List<GuestVolume> volumes = [.. GuestDisk.Open(disk).Volumes];
        IGuestFileSystem? Open(PartitionInfo partition) => volumes.Find(volume => volume.Partition.Number == partition.Number)?.FileSystem;
        BcdStore store = BcdStore.Open(HiveLocator.Open(Open(boot)!, path));
        _ = BcdInspection.Inspect(store, layout, Open, disk);
    }

    private static IReadOnlyList<EditAction> NetworkActions(WindowsLayout layout, Hive system, Hive software)
    {
        WindowsNetwork network = WindowsNetworkReader.Read(layout, null, "disk", system, software);
        return NetworkPlanner.Plan(network, new NetworkRequest { Policy = NetworkPolicy.Preserve, RemoveGhostAdapters = true }).Actions;
    }

    private static List<EditAction> EditActions(WindowsLayout layout)
    {
        VirtioDriverPlan plan = DriverPlanner.Plan(
            layout, "disk", s_drivers.Value, s_rules.Value, StorageBus.VirtioBlk, allowUnsigned: true, SilentReporter.Instance);
        return
        [
            .. EditSteps.AddBootStartStorage(plan),
            .. EditSteps.SetCriticalDeviceDatabase(plan),
            .. EditSteps.RemoveGuestTool([GuestTool.VMware]),
            new BootPolicyAction
            {
                SanPolicy = SanPolicy.OnlineAll,
                AutoReboot = false,
                CrashDump = CrashDumpKind.Small,
                RestoreDriveLetter = true,
                SystemManagedPageFile = true,
                DefaultDumpFile = true,
                DisableCredentialGuard = true,
                DisableVirtualizationBasedSecurity = true,
                RemoveHidInterruptClaim = true,
            },
            FirstBoot.FromPowerShell("fuzz", "exit"),
        ];
    }

    private static void Edit(OverlayBlockDevice disk, WindowsLayout layout, IReadOnlyList<EditAction> actions)
    {
        OverlayBlockDevice edited = new(disk);
        EditableGuest guest = EditableGuest.Open(edited, layout, new ChangeRecorder(), s_now);
        foreach (EditAction action in actions)
        {
            EditSteps.Create(action).Apply(guest);
        }

        guest.Complete();
        edited.Freeze();
        EditVerifier verifier = new(disk, edited, layout, s_now);
        try
        {
            verifier.CheckStructures(guest.Volumes);
            verifier.CheckNothingLeftToDo(actions);
        }
        catch (GuestStateException error) when (error.ErrorId == "EditVerificationFailed")
        {
            throw new InvalidOperationException(error.Message, error);
        }
    }

    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Hyper2KvmException)
        {
            return;
        }
    }
}
