using System.Reflection;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing;

/// <summary>Appends to the change log: one line of JSON for each edit and each undo, beside the image that holds the result.</summary>
/// <remarks>The line is written after the commit, in one write, and flushed. A crash leaves none of it, or a line without its end, which
/// the reader tells from a whole one and the next edit leaves alone. The schema is <c>data/guest-edit.schema.json</c>.</remarks>
internal static class ChangeLog
{
    public const string Suffix = ".h2kv.jsonl";

    private const string UndoMode = "Undo";

    private static readonly string s_version = typeof(ChangeLog).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static string PathFor(string imagePath) => imagePath + Suffix;

    /// <summary>The edit stands also where its record cannot be written: that is a warning.</summary>
    public static void Append(GuestEdit edit, EditEvidence evidence, IReporter reporter) =>
        Append(PathFor(edit.ImagePath), () => RecordOf(edit, evidence), reporter);

    /// <summary>So does an undo, whose record follows those of the edits that it took back.</summary>
    public static void Append(UndoneEdit undone, IReporter reporter, IReadOnlyList<string> warnings, TimeSpan duration)
    {
        string path = PathFor(undone.RemovedPath ?? undone.ImagePath);
        Append(path, () => RecordOf(undone, path, warnings, duration), reporter);
    }

    private static void Append(string path, Func<GuestEditRecord> record, IReporter reporter)
    {
        try
        {
            LineFile.Append(path, EditRecordWriter.ToLine(Interruption.Holds(record)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Hyper2KvmException)
        {
            reporter.Warning($"It is done, but its record cannot be written to '{path}', so Get-GuestEdit will not list it: {exception.Message}");
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

    /// <summary>The disk as it is again; which guest that is, the last edit knew.</summary>
    private static GuestEditRecord RecordOf(UndoneEdit undone, string log, IReadOnlyList<string> warnings, TimeSpan duration)
    {
        GuestEditRecord? edit = File.Exists(log)
            ? ChangeLogReader.Read(log, _ => { }, SilentReporter.Instance).LastOrDefault(record => record.Partition > 0)
            : null;
        using DiskImage image = ImageDetector.Open(undone.ImagePath);
        return new GuestEditRecord
        {
            Time = DateTime.UtcNow,
            User = Environment.UserName,
            Computer = Environment.MachineName,
            ToolVersion = s_version,
            Mode = UndoMode,
            UndoneEdits = undone.Edits,
            ImagePath = undone.ImagePath,
            ImageLength = new FileInfo(undone.ImagePath).Length,
            SourcePath = undone.ImagePath,
            SourceFormat = image.Format.ToString(),
            VirtualSize = image.Length,
            SourceFiles = EditEvidence.DescribeFiles(image),
            Partition = edit?.Partition ?? 0,
            GuestHostName = edit?.GuestHostName ?? "",
            Windows = edit?.Windows ?? "",
            Steps = [UndoMode],
            Changes = [],
            Ranges = [],
            Findings = [],
            Warnings = warnings,
            Undo = "",
            Duration = duration,
        };
    }
}
