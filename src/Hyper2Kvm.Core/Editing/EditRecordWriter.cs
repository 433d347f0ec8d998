using System.Buffers;
using System.Text.Json;

namespace Hyper2Kvm.Editing;

/// <summary>Writes a record of the change log as one line of JSON in ASCII: whatever a guest's names hold, they stay within it.</summary>
internal static class EditRecordWriter
{
    /// <summary>Version of the schema. A reader takes all up to its own.</summary>
    public const int Schema = 1;

    /// <summary>The line with its line feed.</summary>
    public static byte[] ToLine(GuestEditRecord record)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            WriteHead(json, record);
            WriteSource(json, record);
            WriteResult(json, record);
            WriteGuest(json, record);
            RecordJson.Texts(json, "steps", record.Steps);
            RecordJson.List(json, "changes", record.Changes, change => RecordJson.Write(json, change));
            RecordJson.List(json, "ranges", record.Ranges, range => Write(json, range));
            RecordJson.List(json, "findings", record.Findings, finding => Write(json, finding));
            RecordJson.Texts(json, "warnings", record.Warnings);
            json.WriteString("undo", record.Undo);
            json.WriteNumber("durationMs", (long)record.Duration.TotalMilliseconds);
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void WriteHead(Utf8JsonWriter json, GuestEditRecord record)
    {
        json.WriteNumber("schema", Schema);
        json.WriteString("time", record.Time);
        json.WriteString("user", record.User);
        json.WriteString("computer", record.Computer);
        json.WriteString("toolVersion", record.ToolVersion);
        json.WriteString("mode", record.Mode);
        if (record.UndoneEdits > 0)
        {
            json.WriteNumber("undoneEdits", record.UndoneEdits);
        }
    }

    private static void WriteSource(Utf8JsonWriter json, GuestEditRecord record)
    {
        json.WriteStartObject("source");
        json.WriteString("path", record.SourcePath);
        json.WriteString("format", record.SourceFormat);
        json.WriteNumber("virtualSize", record.VirtualSize);
        RecordJson.List(json, "files", record.SourceFiles, file =>
        {
            json.WriteString("path", file.Path);
            json.WriteNumber("length", file.Length);
            json.WriteString("modified", file.ModifiedUtc);
            json.WriteString("headSha256", file.HeadSha256);
        });
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, GuestEditRecord record)
    {
        json.WriteStartObject("result");
        json.WriteString("path", record.ImagePath);
        json.WriteNumber("length", record.ImageLength);
        json.WriteString("sha256", record.ImageSha256);
        json.WriteEndObject();
    }

    private static void WriteGuest(Utf8JsonWriter json, GuestEditRecord record)
    {
        json.WriteStartObject("guest");
        json.WriteNumber("partition", record.Partition);
        json.WriteString("hostName", record.GuestHostName);
        json.WriteString("windows", record.Windows);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ChangedRange range)
    {
        json.WriteNumber("offset", range.Offset);
        json.WriteNumber("length", range.Length);
        json.WriteString("before", range.Before);
        json.WriteString("after", range.After);
    }

    private static void Write(Utf8JsonWriter json, DiskFinding finding)
    {
        json.WriteString("id", finding.Id);
        json.WriteString("severity", finding.Severity.ToString());
        if (finding.Partition is { } partition)
        {
            json.WriteNumber("partition", partition);
        }

        json.WriteString("structure", finding.Structure);
        json.WriteString("place", finding.Place);
        json.WriteString("message", finding.Message);
        json.WriteString("remedy", finding.Remedy);
    }
}
