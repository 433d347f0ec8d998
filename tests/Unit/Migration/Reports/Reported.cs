using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Migration.Reports;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration.Reports;

/// <summary>Migrations to report, with all that a report can hold.</summary>
internal static class Reported
{
    /// <summary>Text that would do something in HTML, in Markdown, or on a terminal.</summary>
    public const string Hostile =
        "</td></style><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&lt;`|`*_[a](javascript:alert(1)) http://evil.example www.evil.example\u202Egnp.exe\u001b[31m\r\n# owned";

    /// <summary>The smallest picture there is: PNG, one pixel.</summary>
    public static byte[] Png { get; } = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    /// <summary>A migration of the sample guest, for real, with two boots as if they had been.</summary>
    public static KvmMigration Full(TempFolder folder)
    {
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        KvmMigration result = Migrations.Good(Migrations.Run(disk, Migrations.Settings(folder.File("out"))));
        string screen = folder.File("out/screen.png");
        File.WriteAllBytes(screen, Png);
        return result with { Boots = [.. result.Domains.Select(domain => Boot(domain, screen))] };
    }

    /// <summary>The same with each text of the guest and of its machine replaced.</summary>
    public static KvmMigration WithNames(KvmMigration migration, string text)
    {
        WindowsLayout layout = migration.Layout!;
        PartitionInfo[] partitions = [.. layout.Partitions.Select(partition => partition with { Label = text, Name = text, FileSystem = text, DriveLetter = text })];
        return migration with
        {
            Name = text,
            SourcePath = text,
            Layout = layout with
            {
                HostName = text, WindowsRoot = text, BcdPath = text, ControlSet = text, Partitions = partitions, Windows = layout.Windows with { ProductName = text },
                Conditions = [new GuestCondition(text, true, text, text)],
                Snapshots = [new DiskSnapshot(text, text, default)],
            },
            Changes = [new GuestChange(text, GuestChangeKind.ValueChanged, text, text, text)],
            Findings = [new BcdFinding(text, FindingSeverity.Error, text, text, text)],
            Decisions = [new KvmMigrationDecision(text, text, text)],
            Stages = [.. migration.Stages.Select(stage => stage with { Detail = text })],
            Boots = [.. migration.Boots.Select(boot => boot with { Name = text, Cause = text, Remedy = text, Code = text, CodeName = text })],
            Warnings = [text],
            NextSteps = [text],
            Undo = text,
            Error = text,
            ErrorId = text,
        };
    }

    public static KvmBootResult Boot(KvmDomain domain, string screen, KvmBootOutcome outcome = KvmBootOutcome.Reached) => new()
    {
        Name = domain.Name,
        Domain = domain,
        Outcome = outcome,
        Reached = KvmBootStage.Logon,
        Milestones = [new KvmBootMilestone(KvmBootStage.Firmware, TimeSpan.Zero, "QEMU runs"), new KvmBootMilestone(KvmBootStage.Logon, TimeSpan.FromSeconds(95), "the picture stands still")],
        Screenshots = [screen],
        SerialLog = screen + ".log",
        Accelerator = "tcg",
        Duration = TimeSpan.FromSeconds(100),
        Cause = outcome == KvmBootOutcome.Reached ? null : "It did not start.",
    };

    public static string Write(KvmMigration migration, MigrationReportFormat format, string folder) => Assert.Single(MigrationReportWriter.Write(
        new MigrationReportRequest { Migration = migration, Formats = [format], Folder = folder, Made = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) }, SilentReporter.Instance)).Path;
}
