using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>What was found on the disks, and the drivers that were chosen for it.</summary>
internal static class ReportFindings
{
    public static IReadOnlyList<ReportBlock> Of(KvmMigration migration)
    {
        List<ReportBlock> blocks = [];
        if (migration.Layout is { } layout)
        {
            blocks.Add(new ReportBlock.Disk(DiskSpan.Of(layout)));
            blocks.Add(Partitions(layout));
            blocks.Add(new ReportBlock.Facts(Disk(layout)));
            blocks.AddRange(Machine(layout));
            blocks.AddRange(DataDisks(layout));
            blocks.AddRange(Conditions(layout));
        }

        blocks.AddRange(BootStore(migration));
        blocks.AddRange(Drivers(migration));
        return blocks;
    }

    private static ReportBlock.Table Partitions(WindowsLayout layout) => new(
        "Partitions",
        ["Number", "For", "Drive", "File system", "Label", "Begins at", "Size"],
        [.. layout.Partitions.Select(partition => (IReadOnlyList<ReportCell>)
        [
            partition.Number.ToString(CultureInfo.InvariantCulture), $"{partition.Role}", partition.DriveLetter, partition.FileSystem,
            partition.Label.Length > 0 ? partition.Label : partition.Name, ByteSize.Text(partition.Offset), ByteSize.Text(partition.Size),
        ])]);

    private static List<(string Label, ReportCell Value)> Disk(WindowsLayout layout)
    {
        List<(string, ReportCell)> facts =
        [
            ("Image", ReportCell.Code(layout.ImagePath)),
            ("Disk", string.Create(
                CultureInfo.InvariantCulture,
                $"{ByteSize.Text(layout.VirtualSize)}, {layout.Format}, {layout.PartitionStyle}, sectors of {layout.SectorSize} bytes")),
            ("Windows", $"{layout.Windows} on partition {layout.WindowsPartition.Number.ToString(CultureInfo.InvariantCulture)}, {layout.WindowsRoot}"),
            ("Computer name", layout.HostName),
            ("Boot store", layout.BcdPath is null ? "none on this disk" : ReportCell.Code(layout.BcdPath)),
            ("Control set", layout.ControlSet),
            ("Binds devices by", layout.HasDriverDatabase ? "DriverDatabase" : "CriticalDeviceDatabase"),
            ("VirtIO boot-ready", layout.IsVirtioBootReady ? $"yes ({string.Join(", ", layout.BootReadyDrivers)})" : "no"),
        ];
        if (layout.Snapshots.Count > 0)
        {
            facts.Add(("Snapshots in the image", string.Join(", ", layout.Snapshots)));
        }

        return [.. facts.Where(fact => fact.Item2.Text.Length > 0)];
    }

    private static IEnumerable<ReportBlock> Machine(WindowsLayout layout)
    {
        if (layout.Machine is not { } machine)
        {
            yield break;
        }

        string memory = machine.MemoryBytes is { } bytes ? $", {ByteSize.Text(bytes)} of memory" : "";
        string cpus = machine.CpuCount is { } count ? string.Create(CultureInfo.InvariantCulture, $", {count} processors") : "";
        yield return new ReportBlock.Facts([("Machine", $"{machine.Name} ({machine.Kind}){cpus}{memory}"), ("Described by", ReportCell.Code(machine.Origin))]);
        if (machine.Nics.Count > 0)
        {
            yield return new ReportBlock.Table(
                "Network cards", ["MAC address", "Network"], [.. machine.Nics.Select(nic => (IReadOnlyList<ReportCell>)[nic.MacAddress, nic.NetworkName])]);
        }
    }

    private static IEnumerable<ReportBlock> DataDisks(WindowsLayout layout)
    {
        if (layout.DataDisks.Count > 0)
        {
            yield return new ReportBlock.Table("Data disks", ["Image", "Format", "Size", "Starts the machine", "Not used as it is, because"], [.. layout.DataDisks.Select(disk =>
                (IReadOnlyList<ReportCell>)
                [
                    ReportCell.Code(disk.ImagePath), $"{disk.Format}", ByteSize.Text(disk.VirtualSize), ReportText.YesNo(disk.IsBootDisk), disk.Obstacle,
                ])]);
        }
    }

    private static IEnumerable<ReportBlock> Conditions(WindowsLayout layout)
    {
        if (layout.Conditions.Count > 0)
        {
            yield return new ReportBlock.Table("Conditions", ["Id", "Keeps from editing", "What", "Remedy"], [.. layout.Conditions.Select(condition =>
                (IReadOnlyList<ReportCell>)[condition.Id, ReportText.YesNo(condition.BlocksEdit), condition.Detail, condition.Remedy])]);
        }
    }

    private static IEnumerable<ReportBlock> BootStore(KvmMigration migration)
    {
        if (migration.Findings.Count > 0)
        {
            yield return new ReportBlock.Table("Boot store", ["Finding", "Severity", "Where", "What", "Remedy"], [.. migration.Findings.Select(finding =>
                (IReadOnlyList<ReportCell>)[finding.Id, $"{finding.Severity}", ReportCell.Code(finding.Place), finding.Message, finding.Remedy])]);
        }
    }

    private static string Signature(DriverSignature signature) => signature.Signer.Length > 0 ? $"{signature}" : $"{signature.File}: {signature.Kind}";

    private static IEnumerable<ReportBlock> Drivers(KvmMigration migration)
    {
        if (migration.Plan is { } plan)
        {
            yield return new ReportBlock.Table($"Drivers, by the rule {plan.MatchedRule}", ["Driver", "Version", "From", "Date", "Signature"], [.. plan.Storage.Select(driver =>
                (IReadOnlyList<ReportCell>)
                [
                    driver.Name, driver.Version, driver.Provider, driver.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    driver.Signatures.Count == 0 ? "none" : string.Join(", ", driver.Signatures.Select(Signature)),
                ])]);
        }
    }
}
