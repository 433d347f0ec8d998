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

    [Theory]
    [MemberData(nameof(CleanHives))]
    public void The_tree_is_the_one_that_hivex_reads(string file)
    {
        if (!SharedData.Has(file) || !Hivex.IsThere)
        {
            return;
        }

        byte[] bytes = SharedData.Read(file);
        Assert.Equal(HiveTree.OfHivex(bytes), HiveTree.Of(HiveTree.Open(bytes)));
    }
}
