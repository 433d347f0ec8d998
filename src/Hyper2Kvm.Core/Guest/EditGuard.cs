using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Partitions;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Finds the states in which editing a guest would harm it, and refuses. There is no override.</summary>
public static class EditGuard
{
    private const string ShutDownRemedy =
        "Start the guest once where it came from, turn fast startup off (powercfg /h off) and shut it down with 'shutdown /s /t 0'.";

    /// <summary>Refuses the edit when a condition blocks it.</summary>
    /// <exception cref="GuestStateException">With the id of the first blocking condition.</exception>
    public static void Check(WindowsLayout layout)
    {
        if (layout.Conditions.FirstOrDefault(condition => condition.BlocksEdit) is { } condition)
        {
            throw new GuestStateException(
                condition.Id, layout.ImagePath, $"'{layout.ImagePath}' is not edited: {condition.Detail}", condition.Remedy);
        }
    }

    internal static IReadOnlyList<GuestCondition> Inspect(
        WindowsInstallation windows, Hive system, SystemHiveFacts facts, Hive software, SoftwareHiveFacts softwareFacts)
    {
        List<GuestCondition> conditions = [];
        AddDynamicDisk(conditions, windows);
        AddHibernation(conditions, windows, facts);
        AddVolumeState(conditions, windows.FileSystem);
        AddServicing(conditions, windows, facts, softwareFacts);
        AddHiveRepair(conditions, HiveLocator.PathOf(windows, HiveLocator.System), system);
        AddHiveRepair(conditions, HiveLocator.PathOf(windows, HiveLocator.Software), software);
        return conditions;
    }

    /// <summary>An edit of one half of a mirror would make two disks of it that both count as whole.</summary>
    private static void AddDynamicDisk(List<GuestCondition> conditions, WindowsInstallation windows)
    {
        if (PartitionTypes.IsDynamicDisk(windows.Volume.Partition))
        {
            conditions.Add(new GuestCondition(
                "DynamicDisk",
                true,
                "Windows is on a dynamic (LDM) disk: its volume may be half of a mirror, or go on on another disk.",
                "Break mirrors and convert the disk to basic in the guest first."));
        }
    }

    private static void AddHibernation(List<GuestCondition> conditions, WindowsInstallation windows, SystemHiveFacts facts)
    {
        GuestPath path = GuestPath.Root / "hiberfil.sys";
        if (windows.FileSystem.Find(path) is not { IsDirectory: false, Length: >= 4 })
        {
            return;
        }

        byte[] magic = new byte[4];
        windows.FileSystem.OpenFile(path).Read(0, magic);
        if (magic.AsSpan().SequenceEqual("hibr"u8) || magic.AsSpan().SequenceEqual("HIBR"u8))
        {
            string kind = facts.HiberbootEnabled ? "hibernated or was shut down with fast startup" : "hibernated";
            conditions.Add(new GuestCondition(
                "GuestHibernated",
                true,
                $"Windows is {kind}: \\hiberfil.sys holds a memory image that would overwrite the edit.",
                ShutDownRemedy));
        }
    }

    private static void AddVolumeState(List<GuestCondition> conditions, IGuestFileSystem fileSystem)
    {
        if (fileSystem is NtfsVolume { State: { } state })
        {
            if (state.IsDirty)
            {
                conditions.Add(new GuestCondition(
                    "NtfsVolumeDirty",
                    true,
                    "the NTFS volume of Windows is marked dirty ($Volume flags): Windows wants to check it first.",
                    "Start the guest where it came from, run 'chkdsk C: /f', restart, and shut it down cleanly."));
            }

            if (state.IsLogResizePending || state.IsUpgradePending)
            {
                conditions.Add(new GuestCondition(
                    "NtfsVolumePending",
                    true,
                    "Windows is to change the NTFS volume of Windows at its next mount ($Volume flags).",
                    ShutDownRemedy));
            }

            if (IdOf(state.Log) is { } errorId)
            {
                conditions.Add(new GuestCondition(
                    errorId,
                    true,
                    $"the NTFS journal ($LogFile) of the Windows volume still holds work to be done ({state.Log}).",
                    ShutDownRemedy));
            }
        }
        else if (fileSystem is FatVolume { State: not FatVolumeState.Clean })
        {
            conditions.Add(new GuestCondition(
                "FatVolumeDirty",
                true,
                "the FAT volume of Windows is marked dirty.",
                "Start the guest where it came from, run 'chkdsk C: /f', and shut it down cleanly."));
        }
    }

    /// <summary>The same ids as the writer's, which would refuse such a volume too.</summary>
    private static string? IdOf(LogFileState log) => log switch
    {
        LogFileState.NotClean => "NtfsLogNotClean",
        LogFileState.Version2InUse => "NtfsLogVersion2",
        LogFileState.Damaged => "NtfsLogDamaged",
        _ => null,
    };

    private static void AddServicing(
        List<GuestCondition> conditions, WindowsInstallation windows, SystemHiveFacts facts, SoftwareHiveFacts softwareFacts)
    {
        bool pendingXml = windows.FileSystem.Find(windows.Root / "WinSxS" / "pending.xml") is { IsDirectory: false };
        if (pendingXml || softwareFacts.PendingServicing is not null)
        {
            string evidence = pendingXml ? $@"{windows.Root}\WinSxS\pending.xml" : $@"SOFTWARE\...\Component Based Servicing\{softwareFacts.PendingServicing}";
            conditions.Add(new GuestCondition(
                "ServicingPending",
                true,
                $"Windows Update or a feature change waits for a restart to finish ({evidence}).",
                "Start the guest where it came from, let it finish (restart until nothing is pending), and shut it down cleanly."));
        }

        if (facts.SetupInProgress)
        {
            conditions.Add(new GuestCondition(
                "SetupInProgress",
                true,
                @"Windows Setup has not finished (SYSTEM\Setup\SystemSetupInProgress).",
                "Start the guest where it came from and let Setup finish, or migrate the generalised image's source instead."));
        }
    }

    private static void AddHiveRepair(List<GuestCondition> conditions, GuestPath path, Hive hive)
    {
        if (hive.Recovery is { } recovery)
        {
            conditions.Add(new GuestCondition(
                "HiveReplayed",
                false,
                $"{path} was not written back completely by Windows: {recovery}.",
                "Nothing to do: an edit writes the repaired hive."));
        }
    }
}
