namespace Hyper2Kvm.Migration.Reports;

/// <summary>How something in a report is to be taken.</summary>
internal enum ReportTone
{
    Neutral,
    Good,
    Warning,
    Error,
}
