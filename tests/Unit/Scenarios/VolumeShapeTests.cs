using System.Globalization;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Volumes and hives of unusual shape, made by ntfs-3g, edited by us, and judged again by others.</summary>
public partial class VolumeShapeTests
{
    [GuestFact]
    public void A_hive_without_room_grows_and_so_does_its_file()
    {
        using TempFolder folder = new();
        GuestTree tree = GuestTree.Server2022(folder);
        EditedGuest guest = new(folder, tree.MakeDisk(64));

        EditJudge.Approves(guest);
        byte[] before = guest.HiveBefore("SYSTEM");
        byte[] after = guest.HiveAfter("SYSTEM");
        Assert.Equal(RawHive.BinsSize(before) + 4096, (uint)before.Length);
        Assert.True(RawHive.BinsSize(after) > RawHive.BinsSize(before), "the hive did not grow");
        Assert.True(after.Length >= RawHive.BinsSize(after) + 4096, "the file is shorter than its hive");
    }

    [GuestFact]
    public void A_directory_of_3000_drivers_takes_two_more()
    {
        using TempFolder folder = new();
        GuestTree tree = GuestTree.Server2022(folder);
        for (int i = 0; i < 3000; i++)
        {
            tree.WriteText(string.Create(CultureInfo.InvariantCulture, $@"\Windows\System32\drivers\gerät{i * 7919 % 3001:D4}.sys"), $"Treiber {i}");
        }

        EditedGuest guest = new(folder, tree.MakeDisk(64));

        EditJudge.Approves(guest);
        Assert.True(guest.Before.Files.Keys.Count(file => file.StartsWith(@"\Windows\System32\drivers\", StringComparison.Ordinal)) > 3000);
    }

    [GuestFact]
    public void An_almost_full_volume_with_a_bitmap_that_ends_within_a_byte_keeps_its_last_clusters()
    {
        using TempFolder folder = new();
        string disk = GuestTree.Server2022(folder).MakeDisk(48, freeKibibytes: 700);
        EditedGuest guest = new(folder, disk);

        EditJudge.Approves(guest);
        string info = ForeignTool.RunOk("ntfsinfo", "-m", guest.Before.Volume);
        Assert.Equal(7, long.Parse(ClusterCount().Match(info).Groups[1].Value, CultureInfo.InvariantCulture) % 8);
        Assert.Contains(@"\filler.bin", guest.Before.Files.Keys);
    }

    [GuestFact]
    public void A_full_volume_is_refused_and_nothing_is_left_behind()
    {
        using TempFolder folder = new();
        string disk = GuestTree.Server2022(folder).MakeDisk(48, freeKibibytes: 16);
        string hash = EditedGuest.Hash(disk);
        string[] files = Directory.GetFiles(folder.Path);

        GuestStateException refusal = Assert.Throws<GuestStateException>(() => Plans.Edit(disk));

        Assert.Equal("GuestVolumeFull", refusal.ErrorId);
        Assert.NotEmpty(refusal.Remedy!);
        Assert.Equal(hash, EditedGuest.Hash(disk));
        Assert.Equal(files.Order(), Directory.GetFiles(folder.Path).Order());
    }

    [GuestFact]
    public void German_names_on_the_host_and_in_the_guest_stay_as_they_are()
    {
        using TempFolder folder = new();
        GuestTree tree = GuestTree.Server2022(folder, "mbr");
        tree.WriteText(@"\Windows\System32\drivers\Übergröße ÄÖÜ ß ẞ.txt", "ß");
        tree.WriteText(@"\ß\ẞ\SS\ss.txt", "vier Namen");
        Directory.CreateDirectory(folder.File("Server für das Büro"));

        EditedGuest guest = new(folder, tree.MakeDisk(64, name: "Server für das Büro/Größe Ü.raw"));

        EditJudge.Approves(guest);
        Assert.EndsWith("Server für das Büro/Größe Ü.kvm.qcow2", guest.Edit.ImagePath, StringComparison.Ordinal);
        Assert.Contains(@"\ß\ẞ\SS\ss.txt", guest.After.Files.Keys);
    }

    [GuestFact]
    public void Clusters_of_64_KiB() => EditOf(clusterSize: 65536, mebibytes: 96);

    [GuestFact]
    public void Clusters_of_512_bytes() => EditOf(clusterSize: 512, mebibytes: 64);

    [GuestFact(NeedsLoopDevice = true)]
    public void A_disk_with_sectors_of_4096_bytes()
    {
        using TempFolder folder = new();
        EditedGuest guest = new(folder, GuestTree.Server2022(folder, "gpt-4k").MakeDisk(64));

        EditJudge.Approves(guest);
        Assert.Equal(4096, guest.Layout.SectorSize);
        Assert.Contains("MFT Record Size: 4096", ForeignTool.RunOk("ntfsinfo", "-m", guest.After.Volume), StringComparison.Ordinal);
    }

    [GuestFact]
    public void Windows_on_FAT32()
    {
        using TempFolder folder = new();
        EditedGuest guest = new(folder, GuestTree.Server2022(folder, "mbr-fat").MakeDisk(64));

        EditJudge.Approves(guest);
    }

    [GuestFact]
    public void Both_control_sets_that_may_boot_are_edited_and_a_third_is_not()
    {
        using TempFolder folder = new();
        GuestTree tree = GuestTree.Server2022(folder);
        string text = GuestTree.TextOfServer2022("SYSTEM");
        string set = string.Concat(
            text.Split("\n[").Where(key => key.StartsWith(@"ControlSet001\", StringComparison.Ordinal)).Select(key => $"\n[{key}"));
        tree.WriteHive("SYSTEM", string.Concat(
            text.Replace("Default        dword  1", "Default        dword  3", StringComparison.Ordinal),
            set.Replace("[ControlSet001", "[ControlSet002", StringComparison.Ordinal),
            set.Replace("[ControlSet001", "[ControlSet003", StringComparison.Ordinal)));

        EditedGuest guest = new(folder, tree.MakeDisk(64));

        EditJudge.Approves(guest);
        HiveDump after = guest.DumpAfter("SYSTEM");
        Assert.Equal(0u, after.Values[@"ControlSet001\Services\viostor\Start"].Number());
        Assert.Equal(0u, after.Values[@"ControlSet003\Services\vioscsi\Start"].Number());
        Assert.DoesNotContain(@"ControlSet002\Services\viostor", after.Keys);
    }

    private static void EditOf(int clusterSize, int mebibytes)
    {
        using TempFolder folder = new();
        EditedGuest guest = new(folder, GuestTree.Server2022(folder).MakeDisk(mebibytes, clusterSize));

        EditJudge.Approves(guest);
        Assert.Contains($"Cluster Size: {clusterSize}", ForeignTool.RunOk("ntfsinfo", "-m", guest.After.Volume), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"Volume Size in Clusters: (\d+)")]
    private static partial Regex ClusterCount();
}
