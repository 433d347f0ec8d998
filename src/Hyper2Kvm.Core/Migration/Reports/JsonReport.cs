using System.Text.Json;
using Hyper2Kvm.Editing;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>A report for programs, in ASCII. The schema is <c>data/migration-report.schema.json</c>; what is not known is null.</summary>
internal static class JsonReport
{
    /// <summary>Version of the schema.</summary>
    public const int Schema = 1;

    /// <param name="migration">What to report.</param>
    /// <param name="version">Of the module.</param>
    /// <param name="made">When, UTC.</param>
    public static byte[] Write(KvmMigration migration, string version, DateTime made)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", Schema);
            json.WriteString("madeBy", $"Hyper2Kvm {version}");
            json.WriteString("made", made);
            WriteOutcome(json, migration);
            WriteLayout(json, migration.Layout);
            WriteWork(json, migration);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteOutcome(Utf8JsonWriter json, KvmMigration migration)
    {
        json.WriteString("name", migration.Name);
        json.WriteString("state", migration.State.ToString());
        json.WriteString("errorId", migration.ErrorId);
        json.WriteString("error", migration.Error);
        json.WriteString("source", migration.SourcePath);
        json.WriteString("image", migration.ImagePath);
        Time(json, "started", migration.Started);
        json.WriteNumber("durationMs", (long)migration.Duration.TotalMilliseconds);
        json.WriteString("undo", migration.Undo);
        RecordJson.Texts(json, "nextSteps", migration.NextSteps);
        RecordJson.Texts(json, "warnings", migration.Warnings);
    }

    private static void WriteWork(Utf8JsonWriter json, KvmMigration migration)
    {
        RecordJson.List(json, "decisions", migration.Decisions, decision =>
        {
            json.WriteString("question", decision.Question);
            json.WriteString("answer", decision.Answer);
            json.WriteString("consequence", decision.Consequence);
        });
        RecordJson.List(json, "stages", migration.Stages, stage => Write(json, stage));
        RecordJson.List(json, "drivers", migration.Plan?.Storage ?? [], driver => Write(json, driver));
        RecordJson.List(json, "changes", migration.Changes, change => RecordJson.Write(json, change));
        json.WriteNumber("bytesChanged", migration.Edit?.BytesChanged ?? 0);
        json.WriteString("changeLog", migration.Edit?.LogPath);
        json.WriteString("bootStoreCopy", migration.BackupPath);
        RecordJson.List(json, "findings", migration.Findings, finding => MigrationJson.Write(json, finding));
        RecordJson.List(json, "domains", migration.Domains, domain => Write(json, domain));
        RecordJson.List(json, "conversions", migration.Conversions, conversion => MigrationJson.Write(json, conversion, "destination", conversion.Destination));
        RecordJson.List(json, "boots", migration.Boots, boot => MigrationJson.Write(json, boot, file => file));
    }

    private static void Write(Utf8JsonWriter json, KvmMigrationStage stage)
    {
        json.WriteString("step", stage.Step.ToString());
        json.WriteString("state", stage.State.ToString());
        Time(json, "started", stage.Started);
        json.WriteNumber("durationMs", (long)stage.Duration.TotalMilliseconds);
        json.WriteString("detail", stage.Detail);
    }

    private static void Write(Utf8JsonWriter json, PlannedDriver driver)
    {
        json.WriteString("name", driver.Name);
        json.WriteString("version", driver.Version);
        json.WriteString("provider", driver.Provider);
        json.WriteString("inf", driver.InfName);
        RecordJson.Texts(json, "signatures", [.. driver.Signatures.Select(signature => $"{signature}")]);
    }

    private static void Write(Utf8JsonWriter json, KvmDomain domain)
    {
        json.WriteString("name", domain.Name);
        json.WriteString("phase", domain.Phase.ToString());
        json.WriteString("kind", domain.Kind.ToString());
        json.WriteString("path", domain.Path);
        json.WriteString("dummyDisk", domain.DummyDiskPath);
    }

    private static void WriteLayout(Utf8JsonWriter json, WindowsLayout? layout)
    {
        if (layout is null)
        {
            json.WriteNull("found");
            return;
        }

        json.WriteStartObject("found");
        json.WriteString("image", layout.ImagePath);
        json.WriteString("format", layout.Format.ToString());
        json.WriteNumber("virtualSize", layout.VirtualSize);
        json.WriteNumber("sectorSize", layout.SectorSize);
        json.WriteString("firmware", layout.Firmware.ToString());
        json.WriteString("partitionStyle", layout.PartitionStyle.ToString());
        RecordJson.List(json, "partitions", layout.Partitions, partition => Write(json, partition));
        json.WriteNumber("windowsPartition", layout.WindowsPartition.Number);
        json.WriteString("windows", $"{layout.Windows}");
        json.WriteString("windowsVersion", layout.Windows.Version);
        json.WriteString("architecture", layout.Windows.Architecture.ToString());
        json.WriteString("windowsRoot", layout.WindowsRoot);
        json.WriteString("computerName", layout.HostName);
        json.WriteString("bootStore", layout.BcdPath);
        json.WriteString("controlSet", layout.ControlSet);
        json.WriteBoolean("hasDriverDatabase", layout.HasDriverDatabase);
        json.WriteBoolean("isVirtioBootReady", layout.IsVirtioBootReady);
        RecordJson.Texts(json, "bootReadyDrivers", layout.BootReadyDrivers);
        RecordJson.List(json, "conditions", layout.Conditions, condition => Write(json, condition));
        RecordJson.List(json, "dataDisks", layout.DataDisks, disk => Write(json, disk));
        json.WriteString("machine", layout.Machine?.Name);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PartitionInfo partition)
    {
        json.WriteNumber("number", partition.Number);
        json.WriteString("role", partition.Role.ToString());
        json.WriteNumber("offset", partition.Offset);
        json.WriteNumber("size", partition.Size);
        json.WriteString("type", partition.TypeId);
        json.WriteString("name", partition.Name);
        json.WriteString("fileSystem", partition.FileSystem);
        json.WriteString("label", partition.Label);
        json.WriteString("driveLetter", partition.DriveLetter);
    }

    private static void Write(Utf8JsonWriter json, GuestCondition condition)
    {
        json.WriteString("id", condition.Id);
        json.WriteBoolean("blocksEdit", condition.BlocksEdit);
        json.WriteString("detail", condition.Detail);
        json.WriteString("remedy", condition.Remedy);
    }

    private static void Write(Utf8JsonWriter json, DataDisk disk)
    {
        json.WriteString("image", disk.ImagePath);
        json.WriteString("format", disk.Format.ToString());
        json.WriteNumber("virtualSize", disk.VirtualSize);
        json.WriteBoolean("isBootDisk", disk.IsBootDisk);
        json.WriteString("obstacle", disk.Obstacle);
    }

    private static void Time(Utf8JsonWriter json, string name, DateTime time)
    {
        if (time == default)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, time);
        }
    }
}
