using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Where a Windows keeps whether it isolates parts of itself in a hypervisor of its own: virtualization-based security (VBS), and
/// what stands on it: Credential Guard, memory integrity (HVCI) and the other scenarios.</summary>
internal static class VirtualizationSecurity
{
    public const string LsaKey = @"Control\Lsa";
    public const string Key = @"Control\DeviceGuard";
    public const string ScenariosKey = Key + @"\Scenarios";

    /// <summary>In SOFTWARE; a group policy overrides the rest.</summary>
    public const string PolicyKey = @"Policies\Microsoft\Windows\DeviceGuard";

    public const string CredentialGuard = "CredentialGuard";
    public const string MemoryIntegrity = "HypervisorEnforcedCodeIntegrity";

    /// <summary>1 with a lock in the firmware, 2 without; so is the policy of memory integrity. A policy of 3 is one that is not configured.</summary>
    public const string CredentialGuardValue = "LsaCfgFlags";

    public const string SwitchValue = "EnableVirtualizationBasedSecurity";
    public const string EnabledValue = "Enabled";

    /// <summary>Windows notes in a variable of the firmware that the feature is to stay on, and goes by that.</summary>
    public const string LockedValue = "Locked";

    /// <summary>The loader stops where the hypervisor does not start.</summary>
    public const string MandatoryValue = "Mandatory";

    public static bool HasCredentialGuard(HiveKey? controlSet, Hive software) =>
        IsSet(controlSet?.Find(LsaKey), CredentialGuardValue)
        || IsSet(controlSet?.Find($@"{ScenariosKey}\{CredentialGuard}"), EnabledValue)
        || Number(software.Find(PolicyKey), CredentialGuardValue) is 1 or 2;

    /// <summary>VBS by itself, or for anything but Credential Guard.</summary>
    public static bool IsOn(HiveKey? controlSet, Hive software) =>
        IsSet(controlSet?.Find(Key), SwitchValue)
        || ScenariosWith(controlSet, EnabledValue).Any(name => !name.Equals(CredentialGuard, StringComparison.OrdinalIgnoreCase))
        || IsSet(software.Find(PolicyKey), SwitchValue)
        || Number(software.Find(PolicyKey), MemoryIntegrity) is 1 or 2;

    public static bool IsLocked(HiveKey? controlSet, Hive software) =>
        IsSet(controlSet?.Find(Key), LockedValue)
        || ScenariosWith(controlSet, LockedValue).Any()
        || Number(controlSet?.Find(LsaKey), CredentialGuardValue) == 1
        || Number(software.Find(PolicyKey), CredentialGuardValue) == 1
        || Number(software.Find(PolicyKey), MemoryIntegrity) == 1;

    /// <summary>The scenarios whose value of that name is not 0.</summary>
    public static IEnumerable<string> ScenariosWith(HiveKey? controlSet, string value) =>
        (controlSet?.Find(ScenariosKey)?.Subkeys ?? []).Where(scenario => IsSet(scenario, value)).Select(scenario => scenario.Name);

    public static bool IsSet(HiveKey? key, string name) => Number(key, name) is > 0;

    private static ulong? Number(HiveKey? key, string name) => key?.GetValue(name)?.AsInteger();
}
