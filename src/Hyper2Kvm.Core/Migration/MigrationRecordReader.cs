using System.Text.Json;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Migration;

/// <summary>Reads the state of a migration back. Files are names beside the state file, never paths.</summary>
internal static class MigrationRecordReader
{
    /// <exception cref="KeyNotFoundException">Something is missing.</exception>
    /// <exception cref="InvalidOperationException">Something is of another type.</exception>
    /// <exception cref="FormatException">A number, a time or a name is none.</exception>
    public static MigrationRecord Read(JsonElement root, string folder) => new()
    {
        IsComplete = root.GetProperty("complete").GetBoolean(),
        SourcePath = Text(root, "source"),
        SourceFiles = List(root, "sourceFiles", file => new MigrationSourceFile(
            Text(file, "path"), file.GetProperty("length").GetInt64(), file.GetProperty("modified").GetDateTime().ToUniversalTime())),
        Stages = List(root, "stages", ReadStage),
        Changes = List(root, "changes", change => new GuestChange(
            Text(change, "step"), Value<GuestChangeKind>(change, "kind"), Text(change, "target"), OptionalText(change, "before"), OptionalText(change, "after"))),
        BytesChanged = root.GetProperty("bytesChanged").GetInt64(),
        BackupPath = OptionalText(root, "backup") is { } backup ? Beside(folder, backup) : null,
        Findings = List(root, "findings", finding => new BcdFinding(
            Text(finding, "id"), Value<FindingSeverity>(finding, "severity"), Text(finding, "place"), Text(finding, "message"), Text(finding, "remedy"))
        {
            IsRepairable = finding.GetProperty("repairable").GetBoolean(),
        }),
        Conversions = List(root, "conversions", conversion => ReadConversion(conversion, folder)),
        Boots = List(root, "boots", boot => ReadBoot(boot, folder)),
        Warnings = List(root, "warnings", Text),
    };

    private static KvmMigrationStage ReadStage(JsonElement stage) => new(
        Value<KvmMigrationStep>(stage, "step"),
        Value<KvmMigrationStageState>(stage, "state"),
        stage.GetProperty("started").GetDateTime().ToUniversalTime(),
        Duration(stage),
        Text(stage, "detail"))
    {
        Settings = Text(stage, "settings"),
    };

    private static DiskConversion ReadConversion(JsonElement conversion, string folder)
    {
        string destination = Beside(folder, Text(conversion, "file"));
        return new DiskConversion
        {
            ImagePath = destination,
            ImageFormat = Value<ImageFormat>(conversion, "format"),
            SourcePath = Text(conversion, "source"),
            SourceFormat = Value<ImageFormat>(conversion, "sourceFormat"),
            Destination = destination,
            VirtualSize = conversion.GetProperty("virtualSize").GetInt64(),
            BytesRead = conversion.GetProperty("bytesRead").GetInt64(),
            BytesWritten = conversion.GetProperty("bytesWritten").GetInt64(),
            BytesLeftOut = conversion.GetProperty("bytesLeftOut").GetInt64(),
            IsVerified = conversion.GetProperty("verified").GetBoolean(),
            Duration = Duration(conversion),
        };
    }

    private static KvmBootResult ReadBoot(JsonElement boot, string folder) => new()
    {
        Name = Text(boot, "name"),
        BootedPhase = Value<DomainPhase>(boot, "phase"),
        Outcome = Value<KvmBootOutcome>(boot, "outcome"),
        Reached = Value<KvmBootStage>(boot, "reached"),
        Milestones = List(boot, "milestones", milestone => new KvmBootMilestone(
            Value<KvmBootStage>(milestone, "stage"), TimeSpan.FromMilliseconds(milestone.GetProperty("afterMs").GetUInt32()), Text(milestone, "evidence"))),
        Code = OptionalText(boot, "code"),
        CodeName = OptionalText(boot, "codeName"),
        Cause = OptionalText(boot, "cause"),
        Remedy = OptionalText(boot, "remedy"),
        Screenshots = List(boot, "screenshots", name => Beside(folder, Text(name))),
        SerialLog = Beside(folder, Text(boot, "serialLog")),
        Accelerator = Text(boot, "accelerator"),
        Duration = Duration(boot),
    };

    /// <summary>A state file that somebody has changed must not lead to a file elsewhere.</summary>
    private static string Beside(string folder, string name) =>
        name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny("/\\:\0")
            ? Path.Combine(folder, name)
            : throw new FormatException($"'{name}' is no name of a file");

    private static TimeSpan Duration(JsonElement parent) => TimeSpan.FromMilliseconds(parent.GetProperty("durationMs").GetUInt32());

    private static string Text(JsonElement parent, string name) => Text(parent.GetProperty(name));

    private static string Text(JsonElement value) => value.GetString() ?? throw new FormatException("a null in the place of a text");

    private static string? OptionalText(JsonElement parent, string name) => parent.GetProperty(name).GetString();

    private static T Value<T>(JsonElement parent, string name)
        where T : struct, Enum =>
        Enum.TryParse(Text(parent, name), out T value) && Enum.IsDefined(value) ? value : throw new FormatException($"an unknown {name}");

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
