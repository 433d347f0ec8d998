namespace Hyper2Kvm.Migration.Reports;

/// <summary>A screenshot.</summary>
/// <param name="Path">Full path of the PNG file.</param>
/// <param name="Caption">What it shows.</param>
/// <param name="Content">The file; null where it is not there any more, is no PNG, or is too large.</param>
internal sealed record ReportPicture(string Path, ReportCell Caption, byte[]? Content);
