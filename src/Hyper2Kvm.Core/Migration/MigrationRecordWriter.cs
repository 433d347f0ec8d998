using System.Text.Json;

namespace Hyper2Kvm.Migration;

/// <summary>Writes the state of a migration as JSON in ASCII: whatever a guest's names hold, they stay within it.</summary>
internal static class MigrationRecordWriter
{
    public static void Write(Stream stream, MigrationRecord record)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("schema", MigrationStateFile.Schema);
        json.WriteBoolean("complete", record.IsComplete);
        json.WriteString("source", record.SourcePath);
        List(json, "sourceFiles", record.SourceFiles, file => Write(json, file));
        List(json, "stages", record.Stages, stage => Write(json, stage));
        List(json, "changes", record.Changes, change => Write(json, change));
        json.WriteNumber("bytesChanged", record.BytesChanged);
        json.WriteString("backup", Path.GetFileName(record.BackupPath));
        List(json, "findings", record.Findings, finding => Write(json, finding));
        List(json, "conversions", record.Conversions, conversion => Write(json, conversion));
        List(json, "boots", record.Boots, boot => Write(json, boot));
        Texts(json, "warnings", record.Warnings);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MigrationSourceFile file)
    {
        json.WriteString("path", file.Path);
        json.WriteNumber("length", file.Length);
        json.WriteString("modified", file.ModifiedUtc);
    }

    private static void Write(Utf8JsonWriter json, KvmMigrationStage stage)
    {
        json.WriteString("step", stage.Step.ToString());
        json.WriteString("state", stage.State.ToString());
        json.WriteString("started", stage.Started);
        json.WriteNumber("durationMs", (long)stage.Duration.TotalMilliseconds);
        json.WriteString("detail", stage.Detail);
        json.WriteString("settings", stage.Settings);
    }

    private static void Write(Utf8JsonWriter json, GuestChange change)
    {
        json.WriteString("step", change.Step);
        json.WriteString("kind", change.Kind.ToString());
        json.WriteString("target", change.Target);
        json.WriteString("before", change.Before);
        json.WriteString("after", change.After);
    }

    private static void Write(Utf8JsonWriter json, BcdFinding finding)
    {
        json.WriteString("id", finding.Id);
        json.WriteString("severity", finding.Severity.ToString());
        json.WriteString("place", finding.Place);
        json.WriteString("message", finding.Message);
        json.WriteString("remedy", finding.Remedy);
        json.WriteBoolean("repairable", finding.IsRepairable);
    }

    private static void Write(Utf8JsonWriter json, DiskConversion conversion)
    {
        json.WriteString("source", conversion.SourcePath);
        json.WriteString("sourceFormat", conversion.SourceFormat.ToString());
        json.WriteString("file", Path.GetFileName(conversion.Destination));
        json.WriteString("format", conversion.ImageFormat.ToString());
        json.WriteNumber("virtualSize", conversion.VirtualSize);
        json.WriteNumber("bytesRead", conversion.BytesRead);
        json.WriteNumber("bytesWritten", conversion.BytesWritten);
        json.WriteNumber("bytesLeftOut", conversion.BytesLeftOut);
        json.WriteBoolean("verified", conversion.IsVerified);
        json.WriteNumber("durationMs", (long)conversion.Duration.TotalMilliseconds);
    }

    private static void Write(Utf8JsonWriter json, KvmBootResult boot)
    {
        json.WriteString("name", boot.Name);
        json.WriteString("phase", boot.Phase?.ToString());
        json.WriteString("outcome", boot.Outcome.ToString());
        json.WriteString("reached", boot.Reached.ToString());
        List(json, "milestones", boot.Milestones, milestone =>
        {
            json.WriteString("stage", milestone.Stage.ToString());
            json.WriteNumber("afterMs", (long)milestone.After.TotalMilliseconds);
            json.WriteString("evidence", milestone.Evidence);
        });
        json.WriteString("code", boot.Code);
        json.WriteString("codeName", boot.CodeName);
        json.WriteString("cause", boot.Cause);
        json.WriteString("remedy", boot.Remedy);
        Texts(json, "screenshots", [.. boot.Screenshots.Select(file => Path.GetFileName(file))]);
        json.WriteString("serialLog", Path.GetFileName(boot.SerialLog));
        json.WriteString("accelerator", boot.Accelerator);
        json.WriteNumber("durationMs", (long)boot.Duration.TotalMilliseconds);
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
