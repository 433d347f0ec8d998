using System.Reflection;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;

namespace Hyper2Kvm.Editing;

/// <summary>Appends to the change log: one line of JSON for each edit, beside the image that holds the result.</summary>
/// <remarks>The line is written after the commit, in one write, and flushed. A crash leaves none of it, or a line without its end, which
/// the reader tells from a whole one and the next edit leaves alone. The schema is <c>data/guest-edit.schema.json</c>.</remarks>
internal static class ChangeLog
{
    public const string Suffix = ".h2kv.jsonl";

    private static readonly string s_version = typeof(ChangeLog).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static string PathFor(string imagePath) => imagePath + Suffix;

    /// <summary>The edit stands also where its record cannot be written: that is a warning.</summary>
    public static void Append(GuestEdit edit, EditEvidence evidence, IReporter reporter)
    {
        string path = PathFor(edit.ImagePath);
        try
        {
            LineFile.Append(path, EditRecordWriter.ToLine(RecordOf(edit, evidence)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            reporter.Warning($"The edit is done, but its record cannot be written to '{path}': {exception.Message}");
        }
    }

    private static GuestEditRecord RecordOf(GuestEdit edit, EditEvidence evidence)
    {
        bool isOverlay = edit.Mode == EditMode.Overlay;
        return new GuestEditRecord
        {
            Time = DateTime.UtcNow,
            User = Environment.UserName,
            Computer = Environment.MachineName,
            ToolVersion = s_version,
            Mode = edit.Mode.ToString(),
            ImagePath = edit.ImagePath,
            ImageLength = new FileInfo(edit.ImagePath).Length,
            ImageSha256 = isOverlay ? EditEvidence.HashFile(edit.ImagePath) : null,
            SourcePath = edit.SourcePath,
            SourceFormat = edit.Layout.Format.ToString(),
            VirtualSize = evidence.VirtualSize,
            SourceFiles = evidence.SourceFiles,
            Partition = edit.Layout.WindowsPartition.Number,
            GuestHostName = edit.Layout.HostName,
            Windows = edit.Layout.Windows.ToString(),
            Steps = edit.Steps,
            Changes = edit.Changes,
            Ranges = evidence.Ranges,
            Findings = edit.Findings,
            Warnings = edit.Warnings,
            Undo = edit.Undo,
            Duration = edit.Duration,
        };
    }
}
