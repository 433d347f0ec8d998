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
        { "hive-system/xp-sp3-x86-virtualpc-IECOMPATVHD.SYSTEM.gz", "HiveStatisticsWrong" },
        { "hive-system/win10-1903-x64-vmware-DESKTOP-2KGM189-dirty.SYSTEM.gz", "HiveDirty" },
        { "hive-dirty/yarp-OldDirtyHive/RecoveredHive_Windows7.gz", "" },
        { "hive-edge/museum-win10-ELAM", "" },
        { "hive-edge/nthive-testhive.gz", "HiveRootNotMarked" },
        { "hive-edge/yarp-BigDataHive.gz", "" },
        { "hive-edge/yarp-ManySubkeysHive.gz", "" },
        { "hive-edge/yarp-UnicodeHive.gz", "" },
        { "hive-edge/yarp-ExtendedASCIIHive.gz", "" },
        { "hive-edge/yarp-WrongOrderHive.gz", "HiveSubkeysUnsorted" },
        { "hive-edge/yarp-TruncatedHive", "HiveBinsSizeWrong" },
        { "hive-edge/yarp-GarbageHive.gz", "HiveChecksumWrong" },
        { "hive-system/win-corrupted-regipy.SYSTEM.gz", "HiveBinDamaged" },
        { "hive-system/win9x-SYSTEM.DAT-creg.gz", "HiveBaseBlockDamaged" },
        { "hive-edge/yarp-BadListHive.gz", "HiveCellShared,HiveSubkeyCountWrong,HiveSecurityCountWrong" },
        { "hive-edge/yarp-BadSubkeyHive.gz", "HiveCellShared,HiveSecurityCountWrong" },
        { "hive-edge/yarp-TwoOwnersHive.gz", "" },
        { "bcd/uefi-win10-regipy.BCD", "" },
        { "bcd/uefi-setupmedia-amd64-client.BCD.gz", "" },
    };

    /// <summary>A change of one field each, at a place of the hive file, and what is found.</summary>
    [DataFact("hive-edge/museum-win10-ELAM")]
    public void Each_kind_of_damage_is_found()
    {
        byte[] sound = SharedData.Read("hive-edge/museum-win10-ELAM");
        const int root = 4096 + 0x20 + 4;
        int subkey = 4096 + 4 + BitConverter.ToInt32(sound, 4096 + BitConverter.ToInt32(sound, root + 0x1C) + 8);
        int security = 4096 + 4 + BitConverter.ToInt32(sound, root + 0x2C);
        int list = 4096 + 4 + BitConverter.ToInt32(sound, root + 0x1C);
        (int Place, string Id)[] damages =
        [
            (root + 0x14, "HiveSubkeyCountWrong"), (root + 0x34, "HiveStatisticsWrong"), (subkey + 0x10, "HiveParentWrong"),
            (security + 0x0C, "HiveSecurityCountWrong"), (security + 0x04, "HiveSecurityRingBroken"), (list + 8, "HiveHintWrong"),
            (list, "HiveSubkeyListDamaged"), (subkey, "HiveKeyDamaged"), (4096 + 8, "HiveBinDamaged"), (root - 4, "HiveCellDamaged"),
        ];
        foreach ((int place, string id) in damages)
        {
            byte[] damaged = [.. sound];
            damaged[place] ^= id == "HiveStatisticsWrong" ? damaged[place] : (byte)2;
            Assert.Contains(HiveChecker.Check(new MemoryBlockDevice(damaged)), finding => finding.Id == id);
        }
    }

    [HiveDataTheory]
    [MemberData(nameof(Hives))]
    public void Findings_are_those_that_the_hive_is_known_for(string file, string expected)
    {
        IReadOnlyList<HiveFinding> findings = HiveChecker.Check(new MemoryBlockDevice(SharedData.Read(file)));

        Assert.Equal(expected, string.Join(",", findings.Where(finding => !finding.IsInformation).Select(finding => finding.Id).Distinct()));
    }
}
