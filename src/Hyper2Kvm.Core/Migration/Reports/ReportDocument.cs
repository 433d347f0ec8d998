namespace Hyper2Kvm.Migration.Reports;

/// <summary>A report for people, without any format yet.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="State">What became of it, in a word.</param>
/// <param name="Tone">How that is to be taken.</param>
/// <param name="Maker">Who wrote it, and when.</param>
/// <param name="Sections">In the order of reading.</param>
internal sealed record ReportDocument(ReportCell Title, string State, ReportTone Tone, string Maker, IReadOnlyList<ReportSection> Sections);
