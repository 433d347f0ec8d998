using System.Globalization;
using Hyper2Kvm.Bcd;

namespace Hyper2Kvm.Guest;

/// <summary>Settings of the default entry that matter on KVM, its own or inherited.</summary>
internal static class BcdFlagCheck
{
    /// <summary>"BCDEdit /set" on learn.microsoft.com: this value is ignored by Windows 7 and Windows 8.</summary>
    private const string UncheckedEffect = "no driver signatures are to be checked, which Windows 7 and 8 ignore";

    private static readonly Rule[] s_rules =
    [
        new(BcdElementTypes.SafeBoot, "BcdSafeBoot", FindingSeverity.Warning, "Windows starts in safe mode"),
        new(BcdElementTypes.UsePlatformClock, "BcdUsePlatformClock", FindingSeverity.Warning,
            "Windows takes the time from the emulated HPET or PM timer, which is slow"),
        new(BcdElementTypes.MessageInterrupts, "BcdMsiDisabled", FindingSeverity.Warning,
            "Windows uses no message-signalled interrupts, which VirtIO devices need to be fast"),
        new(BcdElementTypes.OneProcessor, "BcdProcessorsLimited", FindingSeverity.Warning, "Windows uses one processor only"),
        new(BcdElementTypes.ProcessorCount, "BcdProcessorsLimited", FindingSeverity.Warning, "Windows uses a limited number of processors"),
        new(BcdElementTypes.LegacyApic, "BcdApicForced", FindingSeverity.Information, "the APIC mode is forced"),
        new(BcdElementTypes.X2ApicPolicy, "BcdApicForced", FindingSeverity.Information, "the APIC mode is forced"),
        new(BcdElementTypes.ApicClusterLimit, "BcdApicForced", FindingSeverity.Information, "the APIC mode is forced"),
        new(BcdElementTypes.KernelDebugger, "BcdDebuggerEnabled", FindingSeverity.Warning,
            "the kernel debugger is on: a fault stops Windows until a debugger answers"),
        new(BcdElementTypes.DebuggerEnabled, "BcdDebuggerEnabled", FindingSeverity.Warning,
            "the boot debugger is on: the loader waits for a debugger"),
        new(BcdElementTypes.TestSigning, "BcdTestSigning", FindingSeverity.Information, "Windows loads test-signed drivers"),
        new(BcdElementTypes.TestSigningOfLoader, "BcdTestSigning", FindingSeverity.Information, "Windows loads test-signed drivers"),
        new(BcdElementTypes.NoIntegrityChecks, "BcdNoIntegrityChecks", FindingSeverity.Information, UncheckedEffect),
        new(BcdElementTypes.NoIntegrityChecksOfLoader, "BcdNoIntegrityChecks", FindingSeverity.Information, UncheckedEffect),
        new(BcdElementTypes.AdvancedOptions, "BcdAdvancedOptions", FindingSeverity.Warning,
            "every start stops at the menu of advanced options"),
        new(BcdElementTypes.OneTimeAdvancedOptions, "BcdAdvancedOptions", FindingSeverity.Warning,
            "the next start stops at the menu of advanced options"),
        new(BcdElementTypes.Ems, "BcdEmsEnabled", FindingSeverity.Information, "the emergency console on the serial port is on"),
        new(BcdElementTypes.HypervisorLaunchType, "BcdHypervisorLaunch", FindingSeverity.Information,
            "Windows starts its own hypervisor, which needs nested virtualization on the KVM host"),
    ];

    public static IEnumerable<BcdFinding> Run(BcdStore store, WindowsLayout layout)
    {
        if (store.DefaultId is not { } id || store.Find(id) is not { Type: BcdObjectTypes.OsLoader } loader)
        {
            yield break;
        }

        foreach (Rule rule in s_rules)
        {
            if (store.FindInherited(loader, rule.ElementType) is { } element && IsOn(element))
            {
                yield return Found(rule.Id, rule.Severity, element, rule.Effect);
            }
        }

        if (store.BootManager is { } bootManager && store.FindInherited(bootManager, BcdElementTypes.BootEms) is { Flag: true })
        {
            yield return new BcdFinding(
                "BcdEmsEnabled", FindingSeverity.Information, "{bootmgr} bootems",
                "The boot manager writes to the serial port as well: a domain with a serial console shows its menu.", "");
        }

        if (layout.Firmware == FirmwareMode.Uefi
            && store.FindInherited(loader, BcdElementTypes.GraphicsModeDisabled) is { Flag: true } graphics)
        {
            yield return Found(
                "BcdGraphicsModeDisabled", FindingSeverity.Warning, graphics, "under UEFI the loader may stop without a picture");
        }

        if (store.FindInherited(loader, BcdElementTypes.LoadOptions) is { Text.Length: > 0 } options)
        {
            yield return Found("BcdLoadOptions", FindingSeverity.Information, options, "the kernel is given these options");
        }
    }

    /// <summary>Any mode of safeboot is safe mode, 0 included; of the other numbers 0 is the default.</summary>
    private static bool IsOn(BcdElement element) => element.Flag ?? element.Integer is { } number
        && (number != 0 || element.Type == BcdElementTypes.SafeBoot);

    private static BcdFinding Found(string id, FindingSeverity severity, BcdElement element, string effect)
    {
        string name = BcdElementNames.NameOf(element.Type, BcdObjectTypes.OsLoader);
        string value = element.Text ?? element.Integer?.ToString(CultureInfo.InvariantCulture) ?? "yes";
        return new BcdFinding(
            id, severity, $"{{default}} {name}", $"The default entry has {name} = {value}: {effect}.",
            $"If that is not wanted: 'bcdedit /deletevalue {{default}} {name}'.");
    }

    private sealed record Rule(uint ElementType, string Id, FindingSeverity Severity, string Effect);
}
