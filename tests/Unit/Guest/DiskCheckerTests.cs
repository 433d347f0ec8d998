using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Unit.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>All checkers over whole disks: sound ones, each damaged in one way, and those that can only be checked in part.</summary>
public class DiskCheckerTests
{
    [Fact]
    public void Sound_guests_are_clean_and_nothing_is_left_out()
    {
        foreach (string disk in new[] { Fixtures.SampleDisk, Fixtures.Windows7Disk })
        {
            DiskCheck check = Check(disk);
            Assert.True(check.IsClean, string.Join('\n', check.Findings.Select(Line)));
            Assert.True(check.IsComplete, string.Join('\n', check.NotChecked));
            Assert.Contains(check.Checked, line => line.EndsWith(@"\config\SYSTEM", StringComparison.OrdinalIgnoreCase));
            Assert.Contains(check.Checked, line => line.EndsWith(@"\BCD", StringComparison.OrdinalIgnoreCase));
            Assert.True(Check(disk, quick: true).IsClean);
        }
    }

    [Fact]
    public void Every_variant_is_checked_without_an_error()
    {
        foreach (string name in Fixtures.VariantNames)
        {
            DiskCheck check = Check(Fixtures.Variant(name));
            Assert.NotEmpty(check.Checked);
            Assert.All(check.Findings, finding => Assert.NotEmpty(finding.Remedy));
        }
    }

    [Theory]
    [InlineData("dirty-volume", "NtfsVolumeDirty", FindingSeverity.Warning)]
    [InlineData("dirty-log", "NtfsLogNotClean", FindingSeverity.Warning)]
    [InlineData("hibernated", "GuestHibernated", FindingSeverity.Warning)]
    public void States_that_block_an_edit_are_found_and_do_not_stop_the_check(string variant, string id, FindingSeverity severity)
    {
        DiskCheck check = Check(Fixtures.Variant(variant));
        Assert.Contains(check.Findings, finding => finding.Id == id && finding.Severity == severity && finding.Partition == 3);
        Assert.DoesNotContain(check.Findings, finding => finding.Severity == FindingSeverity.Error);
        Assert.False(check.IsClean);
    }

    [Theory]
    [InlineData("GptPrimaryDamaged", FindingSeverity.Error)]
    [InlineData("GptBackupDamaged", FindingSeverity.Warning)]
    [InlineData("ProtectiveMbrMissing", FindingSeverity.Error)]
    [InlineData("NtfsClusterOwnedTwice", FindingSeverity.Error)]
    [InlineData("NtfsLinkCountWrong", FindingSeverity.Error)]
    [InlineData("HiveChecksumWrong", FindingSeverity.Error)]
    [InlineData("FatCopiesDiffer", FindingSeverity.Error)]
    public void Damage_is_found_by_its_name(string id, FindingSeverity severity)
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        disk.Damage(id);

        DiskCheck check = Check(disk.Path);

        Assert.True(
            check.Findings.Any(finding => finding.Id == id && finding.Severity == severity), string.Join('\n', check.Findings.Select(Line)));
        Assert.False(check.IsClean);
    }

    [Fact]
    public void A_volume_of_bitlocker_is_told_and_the_rest_is_checked()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        disk.Volume(3, volume => "-FVE-FS-"u8.CopyTo(volume[3..]));

        DiskCheck check = Check(disk.Path);

        Assert.Contains("encrypted", Assert.Single(check.NotChecked), StringComparison.Ordinal);
        Assert.False(check.IsComplete);
        Assert.Contains("partition 1: FAT", check.Checked);
    }

    [Fact]
    public void A_check_can_be_cancelled_and_tells_how_far_it_is()
    {
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => DiskChecker.Check(Fixtures.SampleDisk, false, SilentReporter.Instance, stop.Token));

        ProgressRecorder recorder = new();
        DiskChecker.Check(Fixtures.SampleDisk, false, recorder, default);
        List<int> percents = recorder.Percents;
        Assert.Equal(percents.Order(), percents);
        Assert.All(percents, percent => Assert.InRange(percent, 0, 100));
        Assert.True(percents.Distinct().Count() > 3);
    }

    [DataFact(NtfsSamples.ShadowVolume)]
    public void A_real_volume_with_shadow_copies_is_clean()
    {
        using DiskImage image = ImageDetector.Open(SharedData.PathOf(NtfsSamples.ShadowVolume));
        foreach (GuestVolume volume in GuestDisk.Open(image).Volumes.Where(volume => volume.Kind == VolumeKind.Ntfs))
        {
            IReadOnlyList<FileSystemFinding> findings = NtfsChecker.Check(volume.Device, default);
            Assert.True(findings.All(finding => finding.Id is "NtfsClustersLost" or "NtfsLogNotClean"), string.Join('\n', findings));
        }

        Assert.DoesNotContain(Check(image.Path).Findings, finding => finding.Severity == FindingSeverity.Error);
    }

    private static DiskCheck Check(string disk, bool quick = false) => DiskChecker.Check(disk, quick, SilentReporter.Instance, default);

    private static string Line(DiskFinding finding) => $"{finding}: {finding.Structure} {finding.Place}: {finding.Message}";
}
