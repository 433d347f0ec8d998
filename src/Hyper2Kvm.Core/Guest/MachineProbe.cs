using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Guest;

/// <summary>Finds which of a machine's disks holds Windows, and keeps the others.</summary>
public static class MachineProbe
{
    /// <summary>Reads the machine's disks in boot order; the first with a Windows is taken.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="partition">Partition number of the Windows that is meant; null when a disk has only one.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <exception cref="Hyper2KvmException">No disk holds a Windows that can be read; the error of the disk that comes closest.</exception>
    public static WindowsLayout Probe(SourceMachine machine, int? partition, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(machine);
        List<LayoutWarning> warnings = [.. machine.Warnings.Select(text => new LayoutWarning("MachineDescription", text))];
        List<MachineDisk> disks = Read(machine, partition, reporter, warnings);
        MachineDisk? found = disks.Find(disk => disk.Layout is not null);
        if (found?.Layout is not { } layout)
        {
            throw NotFound(machine, disks);
        }

        WarnOfOthers(found, disks, warnings);
        if (machine.Firmware is { } firmware && firmware != layout.Firmware)
        {
            warnings.Add(new LayoutWarning(
                "FirmwareDiffers",
                $"The machine has {firmware} firmware, but the disk starts from {layout.Firmware}: New-KvmDomainXml follows the disk."));
        }

        return layout with
        {
            Machine = machine,
            DataDisks = DataDisks(disks, found, warnings),
            Warnings = [.. layout.Warnings, .. warnings],
        };
    }

    /// <summary>The machine's disks besides the one that a layout is about, which may have been copied or edited since.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="layout">The disk of Windows: known by its path, else by its GPT GUID or MBR signature.</param>
    /// <param name="reporter">Hears of disks that are left out.</param>
    public static IReadOnlyList<DataDisk> DataDisksBeside(SourceMachine machine, WindowsLayout layout, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(layout);
        List<LayoutWarning> warnings = [];
        List<MachineDisk> disks = [];
        foreach (SourceDisk source in machine.Disks)
        {
            disks.Add(MachineDisk.Read(source, null, reporter, findsWindows: false));
        }

        MachineDisk? system = disks.Find(disk => disk.Source.ImagePath == layout.ImagePath)
            ?? disks.Find(disk => disk.IsSameDisk(layout))
            ?? (disks is [var only] ? only : null);
        if (system is null && disks.Count > 0)
        {
            warnings.Add(new LayoutWarning(
                "NotOfThisMachine",
                $"None of the disks of '{machine}' is '{layout.ImagePath}', or a copy of it: all of them are taken for data disks. Give New-KvmDomainXml the -SourceMachine of this disk, or none."));
        }

        IReadOnlyList<DataDisk> data = DataDisks(disks, system, warnings);
        warnings.ForEach(warning => reporter.Warning(warning.Message));
        return data;
    }

    private static List<MachineDisk> Read(SourceMachine machine, int? partition, IReporter reporter, List<LayoutWarning> warnings)
    {
        if (machine.Disks.Count == 0)
        {
            throw new GuestItemNotFoundException(
                "MachineWithoutDisks", machine.Name, $"The machine '{machine}' has no disks in its description ('{machine.Origin}').", "Name the disk image itself.");
        }

        List<MachineDisk> disks = [];
        foreach (SourceDisk source in machine.Disks)
        {
            disks.Add(MachineDisk.Read(source, partition, reporter, findsWindows: true));
        }

        return disks;
    }

    private static List<DataDisk> DataDisks(List<MachineDisk> disks, MachineDisk? system, List<LayoutWarning> warnings)
    {
        WarnOfCollisions(disks, warnings);
        List<DataDisk> data = [];
        foreach (MachineDisk disk in disks)
        {
            if (ReferenceEquals(disk, system))
            {
                continue;
            }

            if (disk.Data is { } one)
            {
                data.Add(one with { IsBootDisk = one.IsBootDisk && system?.Layout is { BcdPath: null } });
            }
            else
            {
                warnings.Add(new LayoutWarning(
                    "DataDiskLeftOut",
                    $"Data disk {disk.Source.BootOrder} ('{disk.Source}') is left out: {disk.Fault?.Message ?? "it has no content."}"));
            }
        }

        return data;
    }

    /// <summary>Windows keeps one of them offline, or writes a new id to it, which boot store and drive letters do not know.</summary>
    private static void WarnOfCollisions(List<MachineDisk> disks, List<LayoutWarning> warnings)
    {
        foreach (IGrouping<string, MachineDisk> same in disks.Where(disk => disk.Identity is not null).GroupBy(disk => disk.Identity!).Where(group => group.Count() > 1))
        {
            warnings.Add(new LayoutWarning(
                "DiskIdTwice",
                $"The disks {string.Join(", ", same.Select(disk => $"'{disk.Source}'"))} have the same id, {same.Key}: Windows takes one of them offline, or gives it "
                + "a new id when it starts. Leave the copy out of the machine, or give it another id first: diskpart, 'uniqueid disk'."));
        }
    }

    private static void WarnOfOthers(MachineDisk found, List<MachineDisk> disks, List<LayoutWarning> warnings)
    {
        foreach (MachineDisk disk in disks)
        {
            if (ReferenceEquals(disk, found))
            {
                continue;
            }

            if (disk.Layout is { } other)
            {
                warnings.Add(new LayoutWarning(
                    "SecondWindows",
                    $"A second Windows, {other.Windows.ProductName}, is on '{disk.Source}': '{found.Source}' is taken, which comes first in the boot order. "
                    + "If the other is meant, give Get-WindowsLayout that disk."));
            }
            else if (disk.Fault is GuestStateException { ErrorId: "BitLockerVolume" or "SeveralWindows" } fault)
            {
                warnings.Add(new LayoutWarning("SecondWindowsPossible", $"'{disk.Source}' may hold a Windows too: {fault.Message}"));
            }

            if (found.Layout!.BcdPath is null && disk.Data is { IsBootDisk: true })
            {
                warnings.Add(new LayoutWarning(
                    "BootDiskElsewhere",
                    $"Windows is on '{found.Source}', but the machine starts from '{disk.Source}', which has the boot store: both are needed, and New-KvmDomainXml puts both into the domain."));
            }
        }
    }

    /// <summary>What keeps a Windows from being read is worth more than that another disk has none.</summary>
    private static Hyper2KvmException NotFound(SourceMachine machine, List<MachineDisk> disks)
    {
        Hyper2KvmException[] faults = [.. disks.Select(disk => disk.Fault).OfType<Hyper2KvmException>()];
        Hyper2KvmException? first = Array.Find(faults, fault => fault is GuestStateException)
            ?? Array.Find(faults, fault => fault.ErrorId is not "WindowsNotFound");
        if (first is not null || faults.Length == 1)
        {
            return first ?? faults[0];
        }

        return new GuestItemNotFoundException(
            "WindowsNotFound", machine.Name,
            $"None of the {disks.Count} disks of '{machine}' holds a Windows: {string.Join(" ", faults.Select(fault => fault.Message))}");
    }
}
