using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Migration;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration;

/// <summary>Migrations of the sample guests, with the product's own driver rules.</summary>
internal static class Migrations
{
    public const long Plenty = 1L << 40;

    public static MigrationSettings Settings(string? outputDirectory = null) => new()
    {
        DriverSource = Fixtures.SampleDriverIso,
        Rules = DriverRuleFiles.Load([]),
        AllowUnsignedDrivers = true,
        OutputDirectory = outputDirectory,
        Domain = new DomainSettings { MemoryMiB = 512 },
    };

    public static MigrationOutcome Run(string disk, MigrationSettings settings, IReporter? reporter = null, CancellationToken token = default) =>
        Run(new MigrationSource { ImagePath = disk }, settings, reporter, token);

    public static MigrationOutcome Run(MigrationSource source, MigrationSettings settings, IReporter? reporter = null, CancellationToken token = default) =>
        KvmMigrator.Run(source, settings, new MigrationHost(Plenty), reporter ?? SilentReporter.Instance, token);

    /// <summary>Fails the test with the error where there is one.</summary>
    public static KvmMigration Good(MigrationOutcome outcome)
    {
        Assert.True(outcome.Fault is null, $"{outcome.Fault}");
        return outcome.Result;
    }

    public static KvmMigrationStage Stage(this KvmMigration migration, KvmMigrationStep step) => Assert.Single(migration.Stages, stage => stage.Step == step);

    /// <summary>What a folder holds, with hashes.</summary>
    public static string Snapshot(string folder) => string.Join('\n', Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(file => $"{file} {EditedGuest.Hash(file)} {File.GetLastWriteTimeUtc(file):O}"));
}
