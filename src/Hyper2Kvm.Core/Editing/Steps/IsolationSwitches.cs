using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Turns off what Windows isolates by a hypervisor of its own, wherever it looks for that.</summary>
/// <remarks>A 0 is written where there is nothing too, for Windows 11 turns these features on by itself where nothing is said. The boot store stays: what is in it
/// about the hypervisor is for the Hyper-V role. The locks go as well: with them the first start would lock the firmware's variables of the new machine.</remarks>
internal static class IsolationSwitches
{
    public static void ApplyTo(HiveEditor system, string set, BootPolicyAction policy)
    {
        string scenarios = $@"{set}\{VirtualizationSecurity.ScenariosKey}";
        if (policy.DisableCredentialGuard || policy.DisableVirtualizationBasedSecurity)
        {
            system.SetDword($@"{set}\{VirtualizationSecurity.LsaKey}", VirtualizationSecurity.CredentialGuardValue, 0);
            system.SetDword($@"{scenarios}\{VirtualizationSecurity.CredentialGuard}", VirtualizationSecurity.EnabledValue, 0);
            Clear(system, $@"{scenarios}\{VirtualizationSecurity.CredentialGuard}", VirtualizationSecurity.LockedValue);
        }

        if (!policy.DisableVirtualizationBasedSecurity)
        {
            return;
        }

        string key = $@"{set}\{VirtualizationSecurity.Key}";
        system.SetDword(key, VirtualizationSecurity.SwitchValue, 0);
        system.SetDword($@"{scenarios}\{VirtualizationSecurity.MemoryIntegrity}", VirtualizationSecurity.EnabledValue, 0);
        Clear(system, key, VirtualizationSecurity.LockedValue);
        Clear(system, key, VirtualizationSecurity.MandatoryValue);
        HiveKey? controlSet = system.Hive.Find(set);
        foreach (string value in (string[])[VirtualizationSecurity.EnabledValue, VirtualizationSecurity.LockedValue])
        {
            foreach (string scenario in VirtualizationSecurity.ScenariosWith(controlSet, value).ToArray())
            {
                Clear(system, $@"{scenarios}\{scenario}", value);
            }
        }
    }

    /// <summary>Where there is no group policy, none is made.</summary>
    public static void ApplyToPolicies(HiveEditor software, BootPolicyAction policy)
    {
        if (policy.DisableCredentialGuard || policy.DisableVirtualizationBasedSecurity)
        {
            Clear(software, VirtualizationSecurity.PolicyKey, VirtualizationSecurity.CredentialGuardValue);
        }

        if (policy.DisableVirtualizationBasedSecurity)
        {
            Clear(software, VirtualizationSecurity.PolicyKey, VirtualizationSecurity.SwitchValue);
            Clear(software, VirtualizationSecurity.PolicyKey, VirtualizationSecurity.MemoryIntegrity);
        }
    }

    private static void Clear(HiveEditor hive, string key, string value)
    {
        if (VirtualizationSecurity.IsSet(hive.Hive.Find(key), value))
        {
            hive.SetDword(key, value, 0);
        }
    }
}
