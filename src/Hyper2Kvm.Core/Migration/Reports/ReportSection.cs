namespace Hyper2Kvm.Migration.Reports;

/// <summary>A section of a report.</summary>
internal sealed record ReportSection(string Title, IReadOnlyList<ReportBlock> Blocks);
