using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Writes the settings of a <see cref="BootPolicyAction"/> into every control set that may boot.</summary>
internal sealed class BootPolicyStep(BootPolicyAction policy) : IEditStep
{
    public void Apply(EditableGuest guest)
    {
        foreach (string set in guest.Layout.BootControlSets)
        {
            ApplyTo(guest.System, set);
            if (policy.SystemManagedPageFile)
            {
                guest.System.SetMultiString($@"{set}\Control\Session Manager\Memory Management", "PagingFiles", PageFile(guest));
            }

            if (policy.DisableProcessorDriver)
            {
                DisableProcessorDrivers(guest, set);
            }
        }

        if (policy.RestoreDriveLetter)
        {
            RestoreLetter(guest);
        }

        IsolationSwitches.ApplyToPolicies(guest.Software, policy);
        if (policy.RemoveHidInterruptClaim)
        {
            RemoveClaim(guest.System);
        }
    }

    private void ApplyTo(HiveEditor system, string set)
    {
        if (policy.SanPolicy is { } san)
        {
            system.SetDword($@"{set}\Services\partmgr\Parameters", "SanPolicy", (uint)san);
        }

        if (policy.AutoReboot is { } reboots)
        {
            system.SetDword($@"{set}\{CrashDumpFiles.Key}", "AutoReboot", reboots ? 1u : 0u);
        }

        if (policy.CrashDump is { } dump)
        {
            system.SetDword($@"{set}\{CrashDumpFiles.Key}", "CrashDumpEnabled", (uint)dump);
        }

        if (policy.DefaultDumpFile)
        {
            WriteDumpFiles(system, $@"{set}\{CrashDumpFiles.Key}");
        }

        IsolationSwitches.ApplyTo(system, set, policy);
    }

    /// <summary>Other letters of the partition go, for it had them in place of its own.</summary>
    private static void RestoreLetter(EditableGuest guest)
    {
        WindowsLayout layout = guest.Layout;
        string own = SoftwareHiveFacts.OwnLetter(guest.Software.Hive);
        if (MountedDevices.ValueOf(layout.WindowsPartition, layout.DiskSignature) is not { } place)
        {
            return;
        }

        string[] others = [.. MountedDevices.Read(guest.System.Hive).LettersOf(layout.WindowsPartition, layout.DiskSignature)
            .Where(letter => !letter.Equals(own, StringComparison.OrdinalIgnoreCase))];
        foreach (string letter in others)
        {
            guest.System.DeleteValue(MountedDevices.Key, MountedDevices.ValueName(letter));
        }

        guest.System.SetBinary(MountedDevices.Key, MountedDevices.ValueName(own), place);
    }

    /// <summary>From Vista on Windows chooses the disk as well. ExistingPageFiles stays: Windows writes what it made at each start.</summary>
    private static string PageFile(EditableGuest guest) =>
        guest.Layout.Windows.Major >= 6 ? @"?:\pagefile.sys" : $@"{SoftwareHiveFacts.OwnLetter(guest.Software.Hive)}\pagefile.sys 0 0";

    private static void WriteDumpFiles(HiveEditor system, string key)
    {
        foreach ((string name, string path) in CrashDumpFiles.Copies)
        {
            system.SetExpandString(key, name, path);
        }

        system.DeleteValue(key, CrashDumpFiles.Dedicated);
    }

    /// <summary>From Vista on they know what they do not know.</summary>
    private static void DisableProcessorDrivers(EditableGuest guest, string set)
    {
        if (guest.Layout.Windows.Major >= 6)
        {
            return;
        }

        foreach (string driver in OldHardware.ProcessorDrivers)
        {
            string key = $@"{set}\Services\{driver}";
            if (guest.System.Hive.Find(key)?.GetValue("Start") is not null)
            {
                guest.System.SetDword(key, "Start", 4);
            }
        }
    }

    /// <summary>The id is claimed in the index of ids and in the package itself. Other claims on it stay.</summary>
    private static void RemoveClaim(HiveEditor system)
    {
        if (system.Hive.Find(HidInterrupt.IdKey) is { } id)
        {
            string[] claims = [.. id.Values.Select(value => value.Name).Where(HidInterrupt.IsItsInf)];
            if (claims.Length > 0 && claims.Length == id.Values.Count() && id.SubkeyCount == 0)
            {
                system.DeleteKey(HidInterrupt.IdKey);
            }
            else
            {
                foreach (string claim in claims)
                {
                    system.DeleteValue(HidInterrupt.IdKey, claim);
                }
            }
        }

        HiveKey[] packages = [.. system.Hive.Find(HidInterrupt.PackagesKey)?.Subkeys.Where(key => HidInterrupt.IsItsInf(key.Name)) ?? []];
        foreach (HiveKey package in packages)
        {
            system.DeleteKey($@"{HidInterrupt.PackagesKey}\{package.Name}\Descriptors\{HidInterrupt.DeviceId}");
        }
    }
}
