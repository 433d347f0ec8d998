using System.Text.Json;
using Hyper2Kvm.Editing;

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
        RecordJson.List(json, "sourceFiles", record.SourceFiles, file => Write(json, file));
        RecordJson.List(json, "stages", record.Stages, stage => Write(json, stage));
        RecordJson.List(json, "changes", record.Changes, change => RecordJson.Write(json, change));
        json.WriteNumber("bytesChanged", record.BytesChanged);
        json.WriteString("backup", Path.GetFileName(record.BackupPath));
        RecordJson.List(json, "findings", record.Findings, finding => MigrationJson.Write(json, finding));
        RecordJson.List(json, "conversions", record.Conversions, conversion => MigrationJson.Write(json, conversion, "file", Path.GetFileName(conversion.Destination)));
        RecordJson.List(json, "boots", record.Boots, boot => MigrationJson.Write(json, boot, file => Path.GetFileName(file)));
        RecordJson.Texts(json, "warnings", record.Warnings);
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
}
