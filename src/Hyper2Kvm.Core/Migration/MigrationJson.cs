using System.Text.Json;

namespace Hyper2Kvm.Migration;

/// <summary>What the state and the report of a migration write in the same way.</summary>
internal static class MigrationJson
{
    public static void Write(Utf8JsonWriter json, GuestChange change)
    {
        json.WriteString("step", change.Step);
        json.WriteString("kind", change.Kind.ToString());
        json.WriteString("target", change.Target);
        json.WriteString("before", change.Before);
        json.WriteString("after", change.After);
    }

    public static void Write(Utf8JsonWriter json, BcdFinding finding)
    {
        json.WriteString("id", finding.Id);
        json.WriteString("severity", finding.Severity.ToString());
        json.WriteString("place", finding.Place);
        json.WriteString("message", finding.Message);
        json.WriteString("remedy", finding.Remedy);
        json.WriteBoolean("repairable", finding.IsRepairable);
    }

    /// <param name="json">Receives it.</param>
    /// <param name="boot">How far the boot came.</param>
    /// <param name="file">How a file is named.</param>
    public static void Write(Utf8JsonWriter json, KvmBootResult boot, Func<string, string> file)
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
        Texts(json, "screenshots", [.. boot.Screenshots.Select(file)]);
        json.WriteString("serialLog", file(boot.SerialLog));
        json.WriteString("accelerator", boot.Accelerator);
        json.WriteNumber("durationMs", (long)boot.Duration.TotalMilliseconds);
    }

    public static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    public static void List<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> write)
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
