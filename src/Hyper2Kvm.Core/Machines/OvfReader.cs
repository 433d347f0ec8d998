using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Machines;

/// <summary>Reads OVF: DMTF DSP0243 1.x and 2.x, with what VMware, VirtualBox and oVirt add.</summary>
internal static class OvfReader
{
    private const int MaxMachines = 256;

    /// <param name="description">The file.</param>
    /// <param name="envelope">Its root.</param>
    /// <param name="find">Gives the image path for a file reference, or null when it is not there.</param>
    /// <exception cref="DiskFormatException"><c>MachineDescriptionDamaged</c>: it describes no machine.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>OvfChunkedFile</c>.</exception>
    public static IReadOnlyList<SourceMachine> Read(DescriptionFile description, XElement envelope, Func<string, string?> find)
    {
        OvfPackage package = new(envelope, description.Path, find);
        List<SourceMachine> machines = [];
        foreach (XElement system in envelope.Descendants().Where(IsSystem).Take(MaxMachines))
        {
            MachineDraft draft = new(SourceMachineKind.Ovf, description.Path);
            ReadSystem(system, package, draft);
            machines.Add(draft.Build());
        }

        return machines.Count > 0 ? machines : throw description.Damaged(1, "a VirtualSystem", "none");
    }

    private static bool IsSystem(XElement element) => element.Name.LocalName == "VirtualSystem"
        || (element.Name.LocalName == "Content" && element.Attr("type").EndsWith(":VirtualSystem_Type", StringComparison.Ordinal));

    private static void ReadSystem(XElement system, OvfPackage package, MachineDraft draft)
    {
        XElement? hardware = OvfPackage.Section(system, "VirtualHardwareSection");
        XElement? os = OvfPackage.Section(system, "OperatingSystemSection");
        draft.Name = First(system.Text("Name"), system.Attr("id"), hardware.Child("System").Text("VirtualSystemIdentifier"));
        draft.OsId = First(os.Attr("osType"), os.Text("OSType"), os.Attr("id"));
        draft.OsName = os.Text("Description");
        draft.Uuid = XmlNames.Uuid(os.Attr("id")); // oVirt has the machine's id here
        draft.OsId = draft.Uuid is null ? draft.OsId : draft.OsName;
        if (hardware is null)
        {
            draft.Warn("The OVF says nothing of the machine's hardware: give New-KvmDomainXml what it needs (-MemoryMiB, -CoreCount, -MacAddress).");
            return;
        }

        OvfHardware.Read(hardware, package, draft);
        ReadVmware(hardware, draft);
        ReadOVirt(system, draft);
        if (system.Child("Machine") is { } virtualBox)
        {
            ReadVirtualBox(virtualBox, draft);
        }
    }

    /// <summary>vmw:Config and vmw:ExtraConfig with vmw:key and vmw:value.</summary>
    private static void ReadVmware(XElement hardware, MachineDraft draft)
    {
        foreach (XElement config in hardware.Elements().Where(element => element.Name.LocalName is "Config" or "ExtraConfig"))
        {
            string value = config.Attr("value");
            switch (config.Attr("key").ToLowerInvariant())
            {
                case "firmware":
                    draft.Firmware = value.ToLowerInvariant() switch
                    {
                        "efi" => FirmwareMode.Uefi,
                        "bios" => FirmwareMode.Bios,
                        _ => draft.Firmware,
                    };
                    break;
                case "bootoptions.efisecurebootenabled" or "uefi.secureboot.enabled":
                    draft.SecureBoot = IsTrue(value);
                    break;
                case "vtpm.present":
                    draft.Tpm = IsTrue(value);
                    break;
                case "uuid.bios":
                    (draft.Uuid, draft.SmbiosUuid) = VmxFile.Uuid(value);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>BiosType: 0, 1, 2 BIOS, 3 UEFI, 4 UEFI with Secure Boot.</summary>
    private static void ReadOVirt(XElement system, MachineDraft draft)
    {
        if (XmlNames.Number(system.Text("BiosType")) is { } type)
        {
            draft.Firmware = type >= 3 ? FirmwareMode.Uefi : FirmwareMode.Bios;
            draft.SecureBoot = type == 4;
        }
    }

    private static void ReadVirtualBox(XElement machine, MachineDraft draft)
    {
        XElement? hardware = machine.Child("Hardware");
        draft.Uuid = XmlNames.Uuid(machine.Attr("uuid")) ?? draft.Uuid;
        draft.SmbiosUuid = XmlNames.Uuid(hardware.Attr("uuid")) ?? draft.SmbiosUuid;
        draft.OsId = First(machine.Attr("OSType"), draft.OsId);
        draft.Firmware = (hardware.Child("Firmware").Attr("type") + hardware.Child("BIOS").Child("Firmware").Attr("type")).StartsWith("EFI", StringComparison.OrdinalIgnoreCase)
            ? FirmwareMode.Uefi
            : FirmwareMode.Bios;
        draft.Tpm = hardware.Child("TrustedPlatformModule").Attr("type") is { Length: > 0 } type ? type != "None" : draft.Tpm;
        XElement[] adapters = [.. hardware.Child("Network")?.Children("Adapter").Where(adapter => adapter.Attr("enabled") == "true") ?? []];
        draft.FillMacAddresses([.. adapters.Select(adapter => adapter.Attr("MACAddress"))]);
    }

    private static bool IsTrue(string value) => value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static string First(params string[] texts) => Array.Find(texts, text => text.Length > 0) ?? "";
}
