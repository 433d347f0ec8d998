using System.Reflection;
using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images.Ova;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>Writes what became of a migration for those who were not there.</summary>
public static class MigrationReportWriter
{
    private static readonly string s_version = typeof(MigrationReportWriter).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Where the reports of a migration go when nothing is said: beside its results, else beside its source.</summary>
    public static string FolderOf(KvmMigration migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        string? result = migration.StatePath ?? migration.Domains.Select(domain => domain.Path).FirstOrDefault(path => path is not null) ?? migration.ImagePath;
        return OvaPath.FolderOf(Path.GetFullPath(result ?? migration.SourcePath));
    }

    /// <summary>Full path of a report.</summary>
    public static string PathOf(MigrationReportRequest request, MigrationReportFormat format)
    {
        ArgumentNullException.ThrowIfNull(request);
        string extension = format switch
        {
            MigrationReportFormat.Html => ".html",
            MigrationReportFormat.Markdown => ".md",
            _ => ".json",
        };
        return Path.Combine(request.Folder ?? FolderOf(request.Migration), $"{MigrationFiles.Plain(request.Migration.Name)}-report{extension}");
    }

    /// <summary>Writes the reports, one file for each format.</summary>
    /// <exception cref="GuestStateException"><c>DestinationExists</c>, <c>DestinationIsFolder</c>, <c>OutputDirectoryIsFile</c>.</exception>
    /// <exception cref="IOException">The host cannot write.</exception>
    public static IReadOnlyList<MigrationReport> Write(MigrationReportRequest request, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(request);
        string folder = request.Folder ?? FolderOf(request.Migration);
        ReportDocument document = ReportBuilder.Build(request.Migration, $"Made by Hyper2Kvm {s_version} on {ReportText.Time(request.Made)}.");
        List<(MigrationReportFormat Format, string Path, byte[] Content)> files =
            [.. request.Formats.Distinct().Select(format => (format, PathOf(request, format), Content(request, document, format, folder)))];
        if (!request.Preview)
        {
            AtomicFile.CreateFolder(folder);
            // All or none: a report that differs from an old one of another format would only confuse.
            foreach ((_, string path, _) in files)
            {
                AtomicFile.CheckPlace(path);
                if (File.Exists(path) && !request.Force)
                {
                    throw AtomicFile.Exists(path);
                }
            }

            foreach ((_, string path, byte[] content) in files)
            {
                reporter.Verbose($"Writing '{path}'.");
                AtomicFile.Write(path, request.Force, stream => stream.Write(content));
            }
        }

        return [.. files.Select(file => new MigrationReport
        {
            Name = request.Migration.Name,
            State = request.Migration.State,
            Format = file.Format,
            Path = file.Path,
            Size = file.Content.Length,
        })];
    }

    private static byte[] Content(MigrationReportRequest request, ReportDocument document, MigrationReportFormat format, string folder) => format switch
    {
        MigrationReportFormat.Html => Encoding.UTF8.GetBytes(HtmlReport.Write(document)),
        MigrationReportFormat.Markdown => Encoding.UTF8.GetBytes(MarkdownReport.Write(document, folder)),
        _ => JsonReport.Write(request.Migration, s_version, request.Made),
    };
}
