using System.Text.Json;

namespace Hyper2Kvm.Editing;

/// <summary>Reads one line of the change log back.</summary>
internal static class EditRecordReader
{
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="KeyNotFoundException">Something is missing.</exception>
    /// <exception cref="InvalidOperationException">Something is of another type.</exception>
    /// <exception cref="FormatException">A number, a time or a name is none.</exception>
    public static GuestEditRecord Read(JsonElement line, string logPath, int number)
    {
        JsonElement source = line.GetProperty("source");
        JsonElement result = line.GetProperty("result");
        JsonElement guest = line.GetProperty("guest");
        return new GuestEditRecord
        {
            LogPath = logPath,
            Line = number,
            Time = line.GetProperty("time").GetDateTime().ToUniversalTime(),
            User = Text(line, "user"),
            Computer = Text(line, "computer"),
            ToolVersion = Text(line, "toolVersion"),
            Mode = Text(line, "mode"),
            ImagePath = Text(result, "path"),
            ImageLength = result.GetProperty("length").GetInt64(),
            ImageSha256 = result.GetProperty("sha256").GetString(),
            SourcePath = Text(source, "path"),
            SourceFormat = Text(source, "format"),
            VirtualSize = source.GetProperty("virtualSize").GetInt64(),
            SourceFiles = List(source, "files", ReadFile),
            UndoneEdits = line.TryGetProperty("undoneEdits", out JsonElement undone) ? undone.GetInt32() : 0,
            Partition = guest.GetProperty("partition").GetInt32(),
            GuestHostName = Text(guest, "hostName"),
            Windows = Text(guest, "windows"),
            Steps = List(line, "steps", Text),
            Changes = List(line, "changes", ReadChange),
            Ranges = List(line, "ranges", ReadRange),
            Findings = List(line, "findings", ReadFinding),
            Warnings = List(line, "warnings", Text),
            Undo = Text(line, "undo"),
            Duration = TimeSpan.FromMilliseconds(line.GetProperty("durationMs").GetUInt32()),
        };
    }

    private static EditedFile ReadFile(JsonElement file) => new(
        Text(file, "path"), file.GetProperty("length").GetInt64(), file.GetProperty("modified").GetDateTime().ToUniversalTime(), Text(file, "headSha256"));

    private static GuestChange ReadChange(JsonElement change) => new(
        Text(change, "step"),
        Enum<GuestChangeKind>(change, "kind"),
        Text(change, "target"),
        change.GetProperty("before").GetString(),
        change.GetProperty("after").GetString());

    private static ChangedRange ReadRange(JsonElement range) => new(
        range.GetProperty("offset").GetInt64(), range.GetProperty("length").GetInt64(), Text(range, "before"), Text(range, "after"));

    private static DiskFinding ReadFinding(JsonElement finding) => new(
        Text(finding, "id"),
        Enum<FindingSeverity>(finding, "severity"),
        finding.TryGetProperty("partition", out JsonElement partition) ? partition.GetInt32() : null,
        Text(finding, "structure"),
        Text(finding, "place"),
        Text(finding, "message"),
        Text(finding, "remedy"));

    private static string Text(JsonElement parent, string name) => Text(parent.GetProperty(name));

    private static string Text(JsonElement value) => value.GetString() ?? throw new FormatException("a null in the place of a text");

    private static T Enum<T>(JsonElement parent, string name)
        where T : struct, Enum =>
        System.Enum.TryParse(Text(parent, name), out T value) && System.Enum.IsDefined(value)
            ? value
            : throw new FormatException($"an unknown {name}");

    private static List<T> List<T>(JsonElement parent, string name, Func<JsonElement, T> read)
    {
        List<T> items = [];
        foreach (JsonElement item in parent.GetProperty(name).EnumerateArray())
        {
            items.Add(read(item));
        }

        return items;
    }
}
