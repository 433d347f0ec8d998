using Hyper2Kvm.Blocks;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

public sealed class HiveCheckerTests
{
    /// <summary>What a hive has besides lost cells: for each kind of finding how often.</summary>
    public static TheoryData<string, string> Hives { get; } = new()
    {
        { "hive-system/win7sp1-x86-vmware-WIN732BITA.SYSTEM.gz", "" },
        { "hive-system/xp-sp3-x86-virtualpc-IECOMPATVHD.SYSTEM.gz", "" },
        { "hive-system/win10-1903-x64-vmware-DESKTOP-2KGM189-dirty.SYSTEM.gz", "HiveDirty" },
        { "hive-dirty/yarp-OldDirtyHive/RecoveredHive_Windows7.gz", "" },
        { "hive-edge/museum-win10-ELAM", "" },
        { "hive-edge/nthive-testhive.gz", "" },
        { "hive-edge/yarp-BigDataHive.gz", "" },
        { "hive-edge/yarp-ManySubkeysHive.gz", "" },
        { "hive-edge/yarp-UnicodeHive.gz", "" },
        { "hive-edge/yarp-ExtendedASCIIHive.gz", "" },
        { "hive-edge/yarp-WrongOrderHive.gz", "HiveSubkeysUnsorted" },
        { "hive-edge/yarp-TruncatedHive", "HiveBinsSizeWrong" },
        { "hive-edge/yarp-GarbageHive.gz", "HiveChecksumWrong" },
        { "hive-system/win-corrupted-regipy.SYSTEM.gz", "HiveBinDamaged" },
        { "hive-system/win9x-SYSTEM.DAT-creg.gz", "HiveBaseBlockDamaged" },
        { "hive-edge/yarp-BadListHive.gz", "?" },
        { "hive-edge/yarp-BadSubkeyHive.gz", "?" },
        { "hive-edge/yarp-TwoOwnersHive.gz", "?" },
        { "bcd/uefi-win10-regipy.BCD", "" },
        { "bcd/uefi-setupmedia-amd64-client.BCD.gz", "" },
    };

    [Theory]
    [MemberData(nameof(Hives))]
    public void Findings_are_those_that_the_hive_is_known_for(string file, string expected)
    {
        if (SharedData.Has(file))
        {
            IReadOnlyList<HiveFinding> findings = HiveChecker.Check(new MemoryBlockDevice(SharedData.Read(file)));
            Assert.True(expected == string.Join(",", findings.Where(finding => !finding.IsInformation).Select(finding => finding.Id).Distinct()), string.Join("\n", findings.Take(12)));
        }
    }
}
