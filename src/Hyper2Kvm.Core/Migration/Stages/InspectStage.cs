using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Migration.Stages;

/// <summary>Finds out what is on the disks, decides by the rules of the boot cycle, and reads what an earlier run has done.</summary>
internal static class InspectStage
{
    /// <summary>The error of a machine without Windows.</summary>
    public const string NoWindowsId = "WindowsNotFound";

    public static void Run(MigrationWork work) => work.Journal.Do(KvmMigrationStep.Inspect, () =>
    {
        WindowsLayout layout = Probe(work);
        work.Layout = layout;
        work.Files = MigrationFiles.For(layout, work.Settings.OutputDirectory);
        work.Host.Claim(work.Files.State, $"{work.Source}");
        Decide(work, layout);
        EditGuard.Check(layout);
        FindDisks(work, layout);
        ReadState(work, layout);
        return $"{layout.Windows} on {layout.Firmware}, {(layout.DataDisks.Count == 0 ? "no" : layout.DataDisks.Count)} data disks";
    });

    private static WindowsLayout Probe(MigrationWork work)
    {
        if (work.Source.Layout is { } known)
        {
            return known;
        }

        try
        {
            return work.Source.Machine is { } machine
                ? MachineProbe.Probe(machine, work.Settings.Partition, work.Reporter)
                : LayoutProbe.Probe(work.Source.ImagePath!, work.Settings.Partition, work.Reporter);
        }
        catch (GuestItemNotFoundException fault) when (fault.ErrorId == NoWindowsId)
        {
            work.Decisions.Add(new KvmMigrationDecision("Windows detected?", "No", "Use a Linux pipeline; there is nothing to do here."));
            throw;
        }
    }

    private static void Decide(MigrationWork work, WindowsLayout layout)
    {
        work.Decisions.Add(new KvmMigrationDecision("Windows detected?", "Yes", $"{layout.Windows}"));
        work.Decisions.Add(layout.Firmware == FirmwareMode.Uefi
            ? new KvmMigrationDecision("Firmware?", "UEFI", "Preserved: OVMF with an NVRAM of its own.")
            : new KvmMigrationDecision("Firmware?", "BIOS", "Preserved: SeaBIOS."));
        StorageBus[] ready = [.. Enum.GetValues<StorageBus>().Where(bus => layout.IsVirtioBootReady && IsReady(work, layout, bus))];
        work.Bus = work.Settings.Bus ?? (ready.Length > 0 ? ready[0] : StorageBus.VirtioBlk);
        work.IsReady = ready.Contains(work.Bus);
        work.Decisions.Add(work.IsReady
            ? new KvmMigrationDecision(
                "VirtIO boot-ready?", $"Yes ({string.Join(", ", layout.BootReadyDrivers)})", "Nothing is injected. The bootstrap boot is optional, still recommended.")
            : new KvmMigrationDecision("VirtIO boot-ready?", "No", "Inject the boot-start storage drivers and bind their devices; then the bootstrap boot."));
    }

    private static bool IsReady(MigrationWork work, WindowsLayout layout, StorageBus bus) =>
        VirtioReadinessReader.Test(layout.ImagePath, layout.WindowsPartition.Number, bus, null, work.Reporter).IsReady;

    private static void FindDisks(MigrationWork work, WindowsLayout layout)
    {
        MigrationFiles names = work.Files!;
        ImageFormat format = work.Settings.Conversion?.Format ?? ImageFormat.Qcow2;
        List<string> files;
        using (DiskImage image = ImageDetector.Open(layout.ImagePath))
        {
            files = [.. image.Files];
            work.SystemDisk = new MigrationDisk(layout.ImagePath, names.Copy(format), format, MachineDisk.ObstacleOf(image));
        }

        work.DataDisks = [.. layout.DataDisks.Select((disk, index) => new MigrationDisk(disk.ImagePath, names.DataDisk(index + 1, format), format, disk.Obstacle))];
        if (work.DataDisks.Any(work.IsCopied))
        {
            foreach (DataDisk disk in layout.DataDisks)
            {
                using DiskImage image = ImageDetector.Open(disk.ImagePath);
                files.AddRange(image.Files);
            }
        }

        work.SourceFiles = [.. files.Distinct().Where(file => file != names.Overlay).Select(MigrationSourceFile.Of)];
    }

    /// <summary>A state that does not fit is refused before anything is written: an overlay on a source that has changed is lost.</summary>
    private static void ReadState(MigrationWork work, WindowsLayout layout)
    {
        work.OwnsState = !work.Settings.Preview;
        if (work.Settings.Preview || work.Settings.Force)
        {
            return;
        }

        work.OwnsState = false;
        MigrationFiles files = work.Files!;
        if (MigrationStateFile.Read(files.State) is { } found)
        {
            CheckFit(found, work, layout, files);
            work.Found = found;
            bool counts = (found.IsComplete || work.Settings.Resume) && found.SourceFiles.SequenceEqual(work.SourceFiles);
            work.Journal.Earlier = counts ? found : null;
        }

        work.OwnsState = true;
    }

    private static void CheckFit(MigrationRecord found, MigrationWork work, WindowsLayout layout, MigrationFiles files)
    {
        if (found.SourcePath != layout.ImagePath)
        {
            throw new GuestStateException(
                "MigrationStateForeign", files.State, $"'{files.State}' tells of another migration, that of '{found.SourcePath}'.",
                "Give another -OutputDirectory; -Force begins anew and replaces its results.");
        }

        if (!found.SourceFiles.SequenceEqual(work.SourceFiles) && File.Exists(files.Overlay))
        {
            throw new GuestStateException(
                "MigrationSourceChanged", layout.ImagePath,
                $"'{layout.ImagePath}', or a file that it consists of, was changed since it was migrated: '{files.Overlay}' does not fit it any more.",
                "If the source was started on purpose, begin anew with -Force; all that was written to the overlay since is lost then.");
        }
    }
}
