using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>A report as Markdown, to be read as it is or by a wiki. Screenshots are links to the files, relative to the report.</summary>
internal static class MarkdownReport
{
    /// <param name="document">What to say.</param>
    /// <param name="folder">Full path of the folder that the report is for.</param>
    public static string Write(ReportDocument document, string folder)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# {MarkdownText.Of(document.Title)}\n\n**{document.State}**\n\n{MarkdownText.Of(document.Maker)}\n");
        foreach (ReportSection section in document.Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Title}\n");
            foreach (ReportBlock block in section.Blocks)
            {
                text.Append('\n').Append(Block(block, folder)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Block(ReportBlock block, string folder) => block switch
    {
        ReportBlock.Facts facts => string.Join('\n', facts.Items.Select(item => $"- {item.Label}: {MarkdownText.Of(item.Value)}")),
        ReportBlock.Table table => Table(table),
        ReportBlock.Note note => $"> **{note.Tone}**: {MarkdownText.Of(note.Text)}",
        ReportBlock.Paragraph paragraph => MarkdownText.Of(paragraph.Text),
        ReportBlock.Steps steps => string.Join('\n', steps.Items.Select((item, index) =>
            string.Create(CultureInfo.InvariantCulture, $"{index + 1}. {MarkdownText.Of(item)}"))),
        ReportBlock.Command command => MarkdownText.Block(command.Text.Text),
        ReportBlock.Disk disk => MarkdownText.Block(Bar(disk.Spans)),
        ReportBlock.Pictures pictures => string.Join("\n\n", pictures.Items.Select(picture => Picture(picture, folder))),
        _ => throw new ArgumentOutOfRangeException(nameof(block)),
    };

    private static string Table(ReportBlock.Table table)
    {
        IEnumerable<string> rows = table.Rows.Select(row => Row(row.Select(cell => MarkdownText.Of(cell, inTable: true))));
        string title = table.Title.Text.Length > 0 ? $"### {MarkdownText.Of(table.Title)}\n\n" : "";
        return title + string.Join('\n', [Row(table.Columns), Row(table.Columns.Select(_ => "---")), .. rows]);
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    /// <summary>The disk in letters: a number for each partition, dots for free room.</summary>
    private static string Bar(IReadOnlyList<DiskSpan> spans)
    {
        const int Width = 64;
        StringBuilder bar = new("|");
        foreach ((DiskSpan span, double share) in spans.Zip(DiskDrawing.Shares(spans)))
        {
            string number = span.Partition?.Number.ToString(CultureInfo.InvariantCulture) ?? "";
            int width = Math.Max(number.Length, (int)(share * Width));
            int left = (width - number.Length) / 2;
            char fill = span.Partition is null ? '.' : ' ';
            bar.Append(fill, left).Append(number).Append(fill, width - number.Length - left).Append('|');
        }

        return bar.ToString();
    }

    private static string Picture(ReportPicture picture, string folder)
    {
        string link = Uri.EscapeDataString(Path.GetRelativePath(folder, picture.Path).Replace(Path.DirectorySeparatorChar, '/')).Replace("%2F", "/", StringComparison.Ordinal);
        return picture.Content is null ? $"{MarkdownText.Of(picture.Caption)} (the file is not there any more, or is no picture)" : $"![{MarkdownText.Of(picture.Caption)}]({link})";
    }
}
