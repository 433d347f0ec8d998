using System.Text.Json;
using Hyper2Kvm.Editing;

namespace Hyper2Kvm.Migration;

/// <summary>What the state and the report of a migration write in the same way.</summary>
internal static class MigrationJson
{
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
        RecordJson.List(json, "milestones", boot.Milestones, milestone =>
        {
            json.WriteString("stage", milestone.Stage.ToString());
            json.WriteNumber("afterMs", (long)milestone.After.TotalMilliseconds);
            json.WriteString("evidence", milestone.Evidence);
        });
        json.WriteString("code", boot.Code);
        json.WriteString("codeName", boot.CodeName);
        json.WriteString("cause", boot.Cause);
        json.WriteString("remedy", boot.Remedy);
        RecordJson.Texts(json, "screenshots", [.. boot.Screenshots.Select(file)]);
        json.WriteString("serialLog", file(boot.SerialLog));
        json.WriteString("accelerator", boot.Accelerator);
        json.WriteNumber("durationMs", (long)boot.Duration.TotalMilliseconds);
    }

    /// <param name="json">Receives it.</param>
    /// <param name="conversion">What was converted.</param>
    /// <param name="key">What the made file is called.</param>
    /// <param name="file">How that file is named.</param>
    public static void Write(Utf8JsonWriter json, DiskConversion conversion, string key, string? file)
    {
        json.WriteString("source", conversion.SourcePath);
        json.WriteString("sourceFormat", conversion.SourceFormat.ToString());
        json.WriteString(key, file);
        json.WriteString("format", conversion.ImageFormat.ToString());
        json.WriteNumber("virtualSize", conversion.VirtualSize);
        json.WriteNumber("bytesRead", conversion.BytesRead);
        json.WriteNumber("bytesWritten", conversion.BytesWritten);
        json.WriteNumber("bytesLeftOut", conversion.BytesLeftOut);
        json.WriteBoolean("verified", conversion.IsVerified);
        json.WriteNumber("durationMs", (long)conversion.Duration.TotalMilliseconds);
    }
}
