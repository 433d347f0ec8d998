using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Migration.Reports;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Export-MigrationReport: what became of a migration, as a page, as Markdown and as JSON.</summary>
/// <remarks>A migration is reported as it comes; results of single cmdlets are gathered, and reported for each guest at the end.</remarks>
[Cmdlet(VerbsData.Export, "MigrationReport", SupportsShouldProcess = true)]
[OutputType(typeof(MigrationReport))]
public sealed class ExportMigrationReportCommand : Hyper2KvmCmdlet
{
    private readonly ResultCollector _results = new();
    private readonly HashSet<string> _paths = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Results of Invoke-KvmMigration, or of the single cmdlets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>Folder for the reports; that of the results by default.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? OutputDirectory { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public MigrationReportFormat[] Format { get; set; } = Enum.GetValues<MigrationReportFormat>();

    /// <summary>Replace reports that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void Process()
    {
        foreach (PSObject input in LanguagePrimitives.GetEnumerable(InputObject) is { } list ? list.Cast<object>().Select(PSObject.AsPSObject) : [InputObject])
        {
            Guard(input, () => Take(input));
        }
    }

    protected override void EndProcessing()
    {
        foreach (KvmMigration migration in _results.Migrations)
        {
            Guard(migration.SourcePath, () => Export(migration));
        }
    }

    private void Take(PSObject input)
    {
        if (input.BaseObject is KvmMigration migration)
        {
            Export(migration);
        }
        else if (!_results.Add(input.BaseObject))
        {
            throw new UnsupportedFeatureException(
                "ReportInputUnknown", $"a report about an object of type {input.TypeNames.FirstOrDefault()}", $"'{input}'",
                "Pass what Invoke-KvmMigration puts out, or layouts, plans, edits, domains, conversions and boots of this session.");
        }
    }

    private void Export(KvmMigration migration)
    {
        CurrentImage = migration.SourcePath;
        MigrationReportRequest request = new()
        {
            Migration = migration,
            Formats = Format,
            Folder = OutputDirectory is null ? null : HostPath(OutputDirectory),
            Made = DateTime.UtcNow,
            Force = Force,
        };
        string first = MigrationReportWriter.PathOf(request, Format[0]);
        if (!_paths.Add(first))
        {
            throw new GuestStateException(
                "ReportNameTaken", first, $"Another migration of '{migration.Name}' has been reported as '{first}'.",
                "Give each its own -OutputDirectory; a migration that was passed twice need not be passed twice.");
        }

        bool goesAhead = AsksToProcess(first, $"Report the migration of {migration.Name}", out bool rehearses);
        if (goesAhead || rehearses)
        {
            WriteObject(MigrationReportWriter.Write(request with { Preview = rehearses }, this), enumerateCollection: true);
        }
    }
}
