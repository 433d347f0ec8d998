using System.Text.Json;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Migration;
using Hyper2Kvm.Migration.Reports;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration.Reports;

/// <summary>Where reports go, what the one for programs says, and what single results make.</summary>
public sealed class MigrationReportTests
{
    private static readonly DateTime s_made = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [OracleFact("jsonschema")]
    public void The_schema_describes_each_report()
    {
        using TempFolder folder = new();
        string schema = Path.Combine(Repository.Root, "src/Hyper2Kvm.PowerShell/Data/migration-report.schema.json");
        using TempFolder second = new();
        KvmMigration full = Reported.Full(folder);
        KvmMigration none = Migrations.Run(Fixtures.Copy(Fixtures.Variant("linux-ext4"), folder), Migrations.Settings()).Result;
        KvmMigration hibernated = Migrations.Run(Fixtures.Copy(Fixtures.Variant("hibernated"), second), Migrations.Settings(folder.File("other"))).Result;
        int number = 0;
        foreach (KvmMigration migration in (KvmMigration[])[full, none, hibernated, Reported.WithNames(full, Reported.Hostile), Collected(full.Layout!, full.Edit!, full.Boots[0])])
        {
            string report = Reported.Write(migration, MigrationReportFormat.Json, folder.File($"{number++}"));
            ForeignTool.RunOk("jsonschema", "-i", report, schema);
        }

        string wrong = folder.File("wrong.json");
        File.WriteAllText(wrong, File.ReadAllText(Reported.Write(full, MigrationReportFormat.Json, folder.Path)).Replace("\"durationMs\": ", "\"durationMs\": -", StringComparison.Ordinal));
        Assert.NotEqual(0, ForeignTool.Run("jsonschema", "-i", wrong, schema).ExitCode);
    }

    [Fact]
    public void The_JSON_report_holds_every_change_and_every_partition()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(Reported.Write(migration, MigrationReportFormat.Json, folder.Path)));
        Assert.Equal(migration.Changes.Select(change => change.Target), report.RootElement.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("target").GetString()));
        Assert.Equal(
            migration.Layout!.Partitions.Select(partition => partition.Offset),
            report.RootElement.GetProperty("found").GetProperty("partitions").EnumerateArray().Select(partition => partition.GetProperty("offset").GetInt64()));
        Assert.Equal(migration.Undo, report.RootElement.GetProperty("undo").GetString());
        Assert.Equal(s_made, report.RootElement.GetProperty("made").GetDateTime());
    }

    [Fact]
    public void Reports_lie_beside_the_results_and_replace_others_only_with_Force()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        MigrationReportRequest request = new() { Migration = migration, Made = s_made };
        IReadOnlyList<MigrationReport> rehearsed = MigrationReportWriter.Write(request with { Preview = true }, SilentReporter.Instance);
        Assert.All(rehearsed, report => Assert.False(File.Exists(report.Path)));

        IReadOnlyList<MigrationReport> reports = MigrationReportWriter.Write(request, SilentReporter.Instance);

        Assert.Equal([".html", ".md", ".json"], reports.Select(report => Path.GetExtension(report.Path)));
        Assert.All(reports, report => Assert.Equal(folder.File("out"), Path.GetDirectoryName(report.Path)));
        Assert.Equal(rehearsed, reports);
        Assert.Equal(reports.Select(report => report.Size), reports.Select(report => new FileInfo(report.Path).Length));
        File.Delete(reports[0].Path);
        Assert.Equal("DestinationExists", Assert.Throws<GuestStateException>(() => MigrationReportWriter.Write(request, SilentReporter.Instance)).ErrorId);
        Assert.False(File.Exists(reports[0].Path));
        Assert.Equal(reports, MigrationReportWriter.Write(request with { Force = true }, SilentReporter.Instance));
    }

    [Fact]
    public void The_name_of_a_machine_leads_nowhere()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder) with { Name = "../../etc/passwd" };
        Assert.Equal(folder.File("..-..-etc-passwd-report.html").Replace("..-..-", "-..-", StringComparison.Ordinal), MigrationReportWriter.PathOf(
            new MigrationReportRequest { Migration = migration, Made = s_made, Folder = folder.Path }, MigrationReportFormat.Html));
    }

    [Fact]
    public void A_picture_that_is_none_or_is_gone_is_told()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        File.WriteAllText(folder.File("secret.png"), "this is no picture");
        KvmBootResult boot = migration.Boots[0] with { Screenshots = [folder.File("secret.png"), folder.File("gone.png")] };
        string page = File.ReadAllText(Reported.Write(migration with { Boots = [boot] }, MigrationReportFormat.Html, folder.Path));
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Split("is no picture").Length);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, 10)]
    [InlineData(100, 900)]
    [InlineData(5_000_000_000, 10)]
    [InlineData(0, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void A_partition_that_is_outside_of_the_disk_is_drawn_within(long offset, long size)
    {
        using TempFolder folder = new();
        WindowsLayout layout = Plans.Probe(Fixtures.SampleDisk);
        PartitionInfo odd = layout.Partitions[0] with { Number = 99, Offset = offset, Size = size };
        IReadOnlyList<DiskSpan> spans = DiskSpan.Of(layout with { Partitions = [.. layout.Partitions, odd] });
        long at = 0;
        Assert.All(spans, span =>
        {
            Assert.InRange(span.Offset, at, layout.VirtualSize);
            Assert.InRange(span.Size, 0, layout.VirtualSize - span.Offset);
            at = span.Offset + span.Size;
        });
        Assert.Equal(1, DiskDrawing.Shares(spans).Sum(), 9);
    }

    [Fact]
    public void A_disk_of_128_partitions_is_drawn_too()
    {
        WindowsLayout layout = Plans.Probe(Fixtures.SampleDisk);
        PartitionInfo[] many = [.. Enumerable.Range(0, 128).Select(i => layout.Partitions[0] with { Number = i + 1, Offset = i * (1L << 20), Size = 1 << 20 })];
        double[] shares = DiskDrawing.Shares(DiskSpan.Of(layout with { Partitions = many }));
        Assert.All(shares, share => Assert.InRange(share, 0.001, 0.5));
        Assert.Equal(1, shares.Sum(), 9);
    }

    [Fact]
    public void Results_of_single_cmdlets_are_gathered_by_guest()
    {
        using TempFolder folder = new();
        using TempFolder other = new();
        KvmMigration one = Reported.Full(folder);
        KvmMigration two = Reported.Full(other);
        ResultCollector collector = new();
        object[] results =
        [
            one.Layout!, two.Edit!, one.Plan!, one.Edit!, one.Domains[0], two.Domains[0], one.Domains[1],
            one.Boots[0] with { Outcome = KvmBootOutcome.StopError, Cause = "why" },
        ];
        Assert.All(results, result => Assert.True(collector.Add(result)));
        Assert.False(collector.Add("text"));

        Assert.Equal(2, collector.Migrations.Count);
        KvmMigration gathered = collector.Migrations[0];
        Assert.Equal((one.Name, one.SourcePath, one.ImagePath, one.Undo), (gathered.Name, gathered.SourcePath, gathered.ImagePath, gathered.Undo));
        Assert.Equal(one.Changes, gathered.Changes);
        Assert.Equal((KvmMigrationState.Failed, "BootNotReached"), (gathered.State, gathered.ErrorId));
        Assert.Equal(KvmMigrationState.Completed, collector.Migrations[1].State);
        Assert.Same(one.Plan, gathered.Plan);
    }

    private static KvmMigration Collected(params object[] results)
    {
        ResultCollector collector = new();
        Assert.All(results, result => Assert.True(collector.Add(result)));
        return Assert.Single(collector.Migrations);
    }
}
