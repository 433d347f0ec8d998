using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Migration;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration;

/// <summary>What machines that are migrated at once share, and what each says of its progress.</summary>
public sealed class MigrationHostTests
{
    [Fact]
    public async Task Who_needs_more_than_is_left_waits_until_it_is_given_back()
    {
        MigrationHost host = new(100);
        IDisposable first = host.TakeMemory(60, "first", CancellationToken.None);
        Task<IDisposable> second = Task.Run(() => host.TakeMemory(60, "second", CancellationToken.None));
        using (host.TakeMemory(40, "third", CancellationToken.None))
        {
            Assert.Equal(100, host.Used);
            Assert.False(second.IsCompleted);
        }

        first.Dispose();
        using (await second)
        {
            Assert.Equal(60, host.Used);
        }

        Assert.Equal(0, host.Used);
    }

    [Fact]
    public async Task Many_at_once_never_take_more_than_is_allowed()
    {
        MigrationHost host = new(100);
        long most = 0;
        await Task.WhenAll(Enumerable.Range(1, 16).Select(i => Task.Run(() =>
        {
            for (int round = 0; round < 50; round++)
            {
                using IDisposable taken = host.TakeMemory(10 + (i % 5 * 15), "machine", CancellationToken.None);
                InterlockedMax(ref most, host.Used);
            }
        })));
        Assert.InRange(most, 10, 100);
        Assert.Equal(0, host.Used);
    }

    [Fact]
    public void A_wait_ends_with_the_run()
    {
        MigrationHost host = new(100);
        using IDisposable all = host.TakeMemory(100, "first", CancellationToken.None);
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => host.TakeMemory(1, "second", stop.Token));
        Assert.Equal("MigrationMemoryTooSmall", Assert.Throws<GuestStateException>(() => host.TakeMemory(101, "third", CancellationToken.None)).ErrorId);
    }

    /// <summary>Clones have one computer name, and so have their domains.</summary>
    [Fact]
    public void Domains_of_one_name_do_not_replace_each_other_even_with_Force()
    {
        using TempFolder folder = new();
        using TempFolder other = new();
        string one = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string two = other.File("clone.vmdk");
        File.Copy(one, two);
        MigrationHost host = new(Migrations.Plenty);
        MigrationSettings settings = Migrations.Settings(folder.File("out")) with { Force = true };
        KvmMigration first = Migrations.Good(KvmMigrator.Run(new MigrationSource { ImagePath = one }, settings, host, SilentReporter.Instance, CancellationToken.None));
        MigrationOutcome second = KvmMigrator.Run(new MigrationSource { ImagePath = two }, settings, host, SilentReporter.Instance, CancellationToken.None);

        Assert.Equal("MigrationNameTaken", second.Result.ErrorId);
        Assert.Equal(KvmMigrationStageState.Failed, second.Result.Stage(KvmMigrationStep.Domains).State);
        Assert.Equal(first.Domains[1].Text, File.ReadAllText(first.Domains[1].Path!));
        MigrationSettings apart = settings with { OutputDirectory = other.File("out") };
        Migrations.Good(KvmMigrator.Run(new MigrationSource { ImagePath = two }, apart, new MigrationHost(Migrations.Plenty), SilentReporter.Instance, CancellationToken.None));
    }

    [Fact]
    public void Progress_goes_forward_through_all_stages()
    {
        using TempFolder folder = new();
        ProgressRecorder recorder = new();
        KvmMigration result = Migrations.Good(Migrations.Run(Fixtures.Copy(Fixtures.SampleDisk, folder), Migrations.Settings() with
        {
            Conversion = new ConversionSettings(ImageFormat.Raw), Verify = true,
        }, recorder));
        Assert.Equal(recorder.Percents.Order(), recorder.Percents);
        Assert.InRange(recorder.Percents[^1], 50, 100);
        Assert.All(recorder.Activities, activity => Assert.Equal("Migrating sample-win2022", activity));
        Assert.Equal(
            result.Stages.Where(stage => stage.State == KvmMigrationStageState.Done).Select(stage => $"{stage.Step}"),
            recorder.Statuses.Select(status => status.Split(':')[0]).Distinct());
    }

    private static void InterlockedMax(ref long most, long value)
    {
        for (long seen = Interlocked.Read(ref most); value > seen; seen = Interlocked.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
