using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

public sealed class HiveReadTests
{
    private const string Win7 = "hive-system/win7sp1-x86-vmware-WIN732BITA.SYSTEM.gz";

    /// <summary>Clean hives that hivex reads too.</summary>
    public static TheoryData<string> CleanHives { get; } = new(
    [
        Win7,
        "hive-system/xp-sp3-x86-virtualpc-IECOMPATVHD.SYSTEM.gz",
        "hive-edge/hivex-minimal", "hive-edge/hivex-rlenvalue_test_hive", "hive-edge/hivex-special", "hive-edge/museum-win10-ELAM",
        "hive-edge/nthive-testhive.gz", "hive-edge/plaso-100_sub_keys.hiv", "hive-edge/pyreg-REORGANIZED_VALUES",
        "hive-edge/pyreg-UNICODE", "hive-edge/yarp-BigDataHive.gz", "hive-edge/yarp-DeletedDataHive.gz",
        "hive-edge/yarp-EmptyHive.gz", "hive-edge/yarp-ExtendedASCIIHive.gz", "hive-edge/yarp-ManySubkeysHive.gz",
        "hive-edge/yarp-MultiSzHive.gz", "hive-edge/yarp-ReallocValueHive.gz", "hive-edge/yarp-StringValuesHive.gz",
        "hive-edge/yarp-UnicodeHive.gz", "hive-edge/yarp-WrongOrderHive.gz", "hive-edge/yarp-DupNameHive.gz",
        "hive-edge/yarp-BogusKeyNamesHive.gz", "hive-edge/yarp-TwoOwnersHive.gz",
    ]);

    [HiveDataTheory(withHivex: true)]
    [MemberData(nameof(CleanHives))]
    public void The_tree_is_the_one_that_hivex_reads(string file)
    {
        byte[] bytes = SharedData.Read(file);
        Assert.Equal(HiveTree.OfHivex(bytes), HiveTree.Of(HiveTree.Open(bytes)));
    }

    [HiveDataTheory]
    [MemberData(nameof(CleanHives))]
    public void Saving_without_a_change_writes_nothing(string file)
    {
        byte[] bytes = SharedData.Read(file);
        Hive hive = HiveTree.Open(bytes);
        HiveTree.Of(hive);
        Assert.Equal(bytes, HiveTree.Saved(hive, bytes));
    }

    [DataFact(Win7)]
    public void A_few_keys_of_a_hive_of_200_MB_cost_less_than_one_MiB_of_reading()
    {
        LargeHiveDevice device = new(SharedData.Read(Win7));
        Hive hive = Hive.Open(device, [], "SOFTWARE");

        Assert.Equal(4096, device.BytesRead - 16384);
        Assert.Equal(1u, hive.Find(@"select")!.GetValue("CURRENT")!.AsDword());
        Assert.Equal("REG_DWORD 0x00000000", hive.Find(@"ControlSet001\services\LSI_SAS")!.GetValue("Start")!.Format());
        Assert.Null(hive.Find(@"ControlSet001\Services\NoSuchService"));
        Assert.InRange(device.BytesRead, 1, 768 * 1024);
    }

    [DataFact(Win7)]
    public void Values_come_in_the_forms_that_callers_want()
    {
        HiveKey service = HiveTree.Open(Win7).Find(@"ControlSet001\services\LSI_SAS")!;

        Assert.Equal(@"ControlSet001\services\LSI_SAS", service.Path);
        Assert.Equal(@"REG_EXPAND_SZ ""\SystemRoot\system32\drivers\lsi_sas.sys""", service.GetValue("imagepath")!.Format());
        Assert.Equal(@"\SystemRoot\system32\drivers\lsi_sas.sys", service.GetValue("ImagePath")!.AsString());
        Assert.Equal(0u, service.GetValue("Start")!.AsDword());
        Assert.Null(service.GetValue("Start")!.AsString());
        Assert.Equal(["SCSI Miniport"], service.GetValue("Group")!.AsMultiString());
        Assert.Null(service.GetValue("NoSuchValue"));
        Assert.InRange(service.LastWrittenUtc.Year, 2009, 2013);
        Assert.Equal("REG_BINARY ff 00", TestHive.Empty().Root.WithValue("b", HiveValueType.Binary, [0xFF, 0]).Format());
        Assert.Equal("REG_MULTI_SZ \"a\", \"b\"", TestHive.Empty().Root.WithValue("m", HiveValueType.MultiString, TestHive.Text("a\0b\0\0")).Format());
        Assert.Equal("REG_QWORD 0x0000000000000005", TestHive.Empty().Root.WithValue("q", HiveValueType.Qword, [5, 0, 0, 0, 0, 0, 0, 0]).Format());
        Assert.Equal("type 0xFFFF0012 61 00", TestHive.Empty().Root.WithValue("t", unchecked((int)0xFFFF0012), [0x61, 0]).Format());
    }

    [DataFact("hive-software/nt31.SOFTWARE.gz", "hive-system/win9x-SYSTEM.DAT-creg.gz")]
    public void Older_formats_are_refused_by_name()
    {
        Assert.Equal("HiveVersionUnsupported", Assert.Throws<UnsupportedFeatureException>(() => HiveTree.Open("hive-software/nt31.SOFTWARE.gz")).ErrorId);
        Assert.Equal("HiveWindows9x", Assert.Throws<UnsupportedFeatureException>(() => HiveTree.Open("hive-system/win9x-SYSTEM.DAT-creg.gz")).ErrorId);
    }

    [DataFact("hive-edge/yarp-TruncatedHive", "hive-edge/yarp-BadListHive.gz", "hive-edge/yarp-BadSubkeyHive.gz")]
    public void Damage_is_a_typed_error()
    {
        Assert.Equal("HiveDamaged", Assert.Throws<DiskFormatException>(() => HiveTree.Open("hive-edge/yarp-TruncatedHive")).ErrorId);
        Assert.Throws<DiskFormatException>(() => HiveTree.Of(HiveTree.Open("hive-edge/yarp-BadListHive.gz")));
        Assert.Throws<DiskFormatException>(() => HiveTree.Of(HiveTree.Open("hive-edge/yarp-BadSubkeyHive.gz")));
    }

    [DataFact("hive-system/win-corrupted-regipy.SYSTEM.gz")]
    public void A_corrupted_hive_is_never_written()
    {
        byte[] bytes = SharedData.Read("hive-system/win-corrupted-regipy.SYSTEM.gz");
        Hive hive = HiveTree.Open(bytes);

        Assert.Throws<DiskFormatException>(() => hive.Root.Create("New", DateTime.UnixEpoch));
        Assert.Throws<DiskFormatException>(() => hive.Root.SetValue("", HiveValueType.Dword, [1, 0, 0, 0], DateTime.UnixEpoch));
        Assert.False(hive.IsChanged);
        Assert.Equal(bytes, HiveTree.Saved(hive, bytes));
    }
}
