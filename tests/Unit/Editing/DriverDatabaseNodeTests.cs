using Hyper2Kvm.Editing.Steps;
using Hyper2Kvm.Unit.Drivers;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

public sealed class DriverDatabaseNodeTests
{
    /// <summary>OemInfMap of a real machine: oem0 to oem11 are taken.</summary>
    [Theory]
    [InlineData("FFF0", "oem12.inf", "FFF8")]
    [InlineData("FFF8", "oem12.inf", "FFF8")]
    [InlineData("", "oem0.inf", "80")]
    [InlineData("FF", "oem9.inf", "FF40")]
    [InlineData("E0", "viostor.inf", "E0")]
    public void The_map_of_published_names_has_its_highest_bit_first(string map, string name, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(PublishedInf.MarkUsed(Convert.FromHexString(map), name)));

    /// <summary>The sum of the package's files, which Windows 11 is the first to note.</summary>
    [Theory]
    [InlineData(19045, false)]
    [InlineData(26100, true)]
    public void A_package_has_its_size_where_this_Windows_notes_it(int build, bool expected)
    {
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, new Generation("", build, false, GuestArchitecture.X64));
        string drivers = Directory.CreateDirectory(folder.File("drivers")).FullName;
        SampleDrivers.AddIsoTree(drivers, ["w10", "w11"]);
        VirtioDriverPlan plan = Plans.Plan(disk, drivers);

        GuestEdit edit = Plans.Run(Plans.Request(plan, disk));

        long size = Directory.EnumerateFiles(Path.Combine(drivers, plan.Storage[0].SourceDirectory)).Sum(file => new FileInfo(file).Length);
        string? written = edit.Changes.SingleOrDefault(change => change.Target.EndsWith(@"\FileSize", StringComparison.Ordinal))?.After;
        Assert.Equal(expected ? $"REG_QWORD 0x{size:X16}" : null, written);
    }

    /// <summary>Both are Version values of real machines: pvscsi of VMware, viostor.</summary>
    [Theory]
    [InlineData("2019-08-02", "1.3.15.0", "00FF0900000000007BE9364D25E3CE11BFC108002BE1031800003B3AC548D50100000F00030001000000000000000000")]
    [InlineData("2023-07-21", "63.93.104.24000", "00FF0900000000007BE9364D25E3CE11BFC108002BE1031800C0CA4A66BBD901C05D68005D003F000000000000000000")]
    public void A_version_has_class_date_and_four_numbers_in_reverse(string date, string version, string expected)
    {
        using TempFolder folder = new();
        PlannedPackage package = new DevicePackages(folder)
            .Add("NetKVM/w10/amd64", "netkvm", "NTamd64.10.0", 0x8664, "1041")
            .Plan(SampleDrivers.Guest(19045), VirtioDevice.Network)[0] with
        {
            ClassGuid = new Guid("4d36e97b-e325-11ce-bfc1-08002be10318"),
            Date = DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture),
            Version = version,
        };

        Assert.Equal(expected, Convert.ToHexString(DriverDatabaseNode.VersionBlob(package)));
    }
}
