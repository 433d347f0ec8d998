using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>What a Windows before Vista binds to the machine that it was installed on: its HAL and its processor's driver.</summary>
internal static class OldHardware
{
    /// <summary>Drivers for the power states of processors. On one that they do not know, or on a virtual one, they stop Windows with 0x7E.</summary>
    public static readonly string[] ProcessorDrivers = ["intelppm", "amdppm", "amdk6", "amdk7", "amdk8", "p3", "crusoe", "processor", "processr", "gv3"];

    private const uint Disabled = 4;

    /// <summary>Of those the ones that may start.</summary>
    public static IEnumerable<string> StartingProcessorDrivers(HiveKey? services) => ProcessorDrivers.Where(name =>
        services?.Find(name)?.GetValue("Start")?.AsInteger() is { } start and < Disabled);

    public static IEnumerable<LayoutWarning> Warnings(SystemHiveFacts facts)
    {
        string[] drivers = [.. StartingProcessorDrivers(facts.Find("Services"))];
        if (drivers.Length > 0)
        {
            yield return new LayoutWarning(
                "ProcessorDriverStarts",
                $"Drivers for the processor of the old machine start with this Windows ({string.Join(", ", drivers)}) and may stop it with 0x7E on another one: "
                + "Set-WindowsBootPolicy -DisableProcessorDriver switches them off.");
        }

        if (Hal(facts) is { } hal && Told(hal) is { } told)
        {
            yield return told;
        }
    }

    /// <summary>Set-up notes the HAL as a device of its own: ACPI_HAL, or PCI_HAL and the like for machines without ACPI.</summary>
    public static string? Hal(SystemHiveFacts facts) => (facts.Find(@"Enum\Root")?.Subkeys ?? [])
        .Where(key => key.Name.EndsWith("_HAL", StringComparison.OrdinalIgnoreCase))
        .Select(key => key.Find("0000")?.GetValue("HardwareID"))
        .Select(value => value?.AsMultiString() is [{ } first, ..] ? first : value?.AsString())
        .Where(id => id is { Length: > 0 })
        .Select(id => PlainText.Escape(id!.ToLowerInvariant()))
        .FirstOrDefault();

    private static LayoutWarning? Told(string hal) => hal switch
    {
        "acpiapic_mp" => null,
        "acpiapic_up" or "acpipic_up" =>
            new LayoutWarning(
                "HalSingleProcessor",
                $"Its HAL is one for a single processor ({hal}): Windows uses one, and New-KvmDomainXml gives it one. In the guest's Device Manager the computer's driver can be changed, once it runs on KVM."),
        _ => new LayoutWarning(
            "HalWithoutAcpi",
            $"Its HAL knows no ACPI ({hal}), and New-KvmDomainXml writes a domain without: Windows does not hear a request to shut down and does not switch the machine off. "
            + "Shut it down from within, or let Windows set-up repair it on KVM."),
    };
}
