using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>What was changed in the guest, before and after, one table for each step.</summary>
internal static class ReportChanges
{
    /// <summary>A page is for people; the JSON report and the change log have all of it.</summary>
    private const int MaxRows = 2000;
    private const int MaxText = 1000;

    public static IReadOnlyList<ReportBlock> Of(KvmMigration migration)
    {
        GuestChange[] changes = [.. migration.Changes.Where(change => change.Kind != GuestChangeKind.Unchanged)];
        int unchanged = migration.Changes.Count - changes.Length;
        if (migration.Changes.Count == 0)
        {
            return [];
        }

        List<ReportBlock> blocks =
        [
            new ReportBlock.Paragraph(
                (migration.Edit?.Mode == EditMode.Preview ? "In a rehearsal; nothing was written. " : "")
                + $"{ReportText.Count(changes.Length, "change")}, {ReportText.Count(unchanged, "thing")} as wanted already"
                + (migration.Edit is { BytesChanged: > 0 } edit ? $"; {ByteSize.Text(edit.BytesChanged)} of the disk differ." : ".")),
        ];
        blocks.AddRange(changes.Take(MaxRows).GroupBy(change => change.Step).Select(step => new ReportBlock.Table(
            step.Key, ["Change", "What", "Before", "After"], [.. step.Select(Row)])));
        if (changes.Length > MaxRows)
        {
            blocks.Add(new ReportBlock.Paragraph(string.Create(
                CultureInfo.InvariantCulture, $"{changes.Length - MaxRows} more are in the JSON report and in the change log.")));
        }

        return blocks;
    }

    private static IReadOnlyList<ReportCell> Row(GuestChange change) =>
        [$"{change.Kind}", ReportCell.Code(change.Target), ReportCell.Code(Short(change.Before)), ReportCell.Code(Short(change.After))];

    private static string? Short(string? text) => text is { Length: > MaxText } ? text[..MaxText] + " ..." : text;
}
