namespace Hyper2Kvm.Migration.Reports;

/// <summary>A part of a section, without any format yet.</summary>
internal abstract record ReportBlock
{
    /// <summary>What is the case, each with its name.</summary>
    internal sealed record Facts(IReadOnlyList<(string Label, ReportCell Value)> Items) : ReportBlock;

    /// <param name="Title">Empty for none.</param>
    /// <param name="Columns">Their names.</param>
    /// <param name="Rows">Each as long as the columns.</param>
    internal sealed record Table(ReportCell Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<ReportCell>> Rows) : ReportBlock;

    /// <summary>Something to be seen before all else.</summary>
    internal sealed record Note(ReportTone Tone, ReportCell Text) : ReportBlock;

    internal sealed record Paragraph(ReportCell Text) : ReportBlock;

    /// <summary>In this order.</summary>
    internal sealed record Steps(IReadOnlyList<ReportCell> Items) : ReportBlock;

    /// <summary>To be typed as it is.</summary>
    internal sealed record Command(ReportCell Text) : ReportBlock;

    /// <summary>The drawing of a disk; a table says the same in words.</summary>
    internal sealed record Disk(IReadOnlyList<DiskSpan> Spans) : ReportBlock;

    internal sealed record Pictures(IReadOnlyList<ReportPicture> Items) : ReportBlock;
}
