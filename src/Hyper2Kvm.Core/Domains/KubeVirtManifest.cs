using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Domains;

// https://kubevirt.io/api-reference/v1.0.0/definitions.html, VirtualMachine of kubevirt.io/v1.

/// <summary>The domain as a VirtualMachine of KubeVirt.</summary>
/// <remarks>A cluster has no paths: each disk is a claim NAME-diskN, into which the image is uploaded. The dummy disk needs none, it is an
/// empty disk of the pod. KubeVirt picks balloon, serial console and guest-agent channel itself.</remarks>
internal static partial class KubeVirtManifest
{
    private const long GiB = 1L << 30;

    public static string Write(DomainRequest request)
    {
        WindowsProfile profile = new(request.Layout.Windows);
        DomainChecks.Check(request, profile);
        CheckPlatform(request, profile);
        string name = DnsName.Label(request.Identity.Name);
        JsonObject manifest = new()
        {
            ["apiVersion"] = "kubevirt.io/v1",
            ["kind"] = "VirtualMachine",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                // The bootstrap machine is not started again after the user has shut it down; the final one is, once it was started.
                ["runStrategy"] = request.Phase == DomainPhase.Bootstrap ? "Manual" : "Halted",
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubevirt.io/vm"] = name } },
                    ["spec"] = new JsonObject
                    {
                        ["domain"] = Domain(request, profile),
                        ["networks"] = new JsonArray([.. request.Identity.MacAddresses.Select((_, card) => Network(request, card))]),
                        ["volumes"] = Volumes(request, name),
                    },
                },
            },
        };
        return Header(request, name) + YamlWriter.Write(manifest);
    }

    private static void CheckPlatform(DomainRequest request, WindowsProfile profile)
    {
        if (profile.IsNt5 || (profile.Is32Bit && request.Layout.Firmware == FirmwareMode.Uefi))
        {
            throw new UnsupportedFeatureException(
                "DomainPlatform", $"{request.Layout.Windows.ProductName} with this firmware on KubeVirt, which has neither IDE nor a 32-bit UEFI",
                request.Identity.Name, "Run it by libvirt.");
        }

        bool[] arePods = [.. request.Identity.MacAddresses.Select((_, card) => IsPod(request.NetworkOf(card)))];
        if (arePods.Count(isPod => isPod) > 1)
        {
            throw new GuestStateException(
                "DomainNetworkInvalid", request.Identity.Name, "Only one card of a KubeVirt machine can be in the pod network.",
                "Name a network attachment for the others: -NetworkMap, or -NetworkName for all.");
        }

        for (int card = 0; card < arePods.Length; card++)
        {
            if (!AttachmentName().IsMatch(request.NetworkOf(card).Name))
            {
                throw new GuestStateException(
                    "DomainNetworkInvalid", request.NetworkOf(card).Name, $"'{request.NetworkOf(card).Name}' cannot be a network attachment of Kubernetes.",
                    "Give NAME or NAMESPACE/NAME in lower case.");
            }
        }
    }

    private static string Header(DomainRequest request, string name)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Made by Hyper2Kvm: {request.Phase.ToString().ToLowerInvariant()} machine for KubeVirt; kubectl apply -f FILE, then virtctl start {name}.\n");
        text.Append("# Its disks, once for both machines. Upload whole images only: Convert-DiskImage makes one of an overlay.\n");
        long size = (request.Layout.VirtualSize + GiB - 1) / GiB;
        text.Append(CultureInfo.InvariantCulture, $"#   virtctl image-upload pvc {name}-disk0 --size={size}Gi --image-path={Comment(request.ImagePath)}\n");
        for (int i = 0; i < request.DataDisks.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"#   virtctl image-upload pvc {name}-disk{i + 1} --size=SIZE --image-path={Comment(request.DataDisks[i].Path)}\n");
        }

        if (HasIso(request))
        {
            text.Append(CultureInfo.InvariantCulture, $"#   virtctl image-upload pvc {IsoClaim(request)} --size=1Gi --image-path={Comment(request.DriverIso!)}\n");
        }

        return request.Layout.RealTimeIsUniversal
            ? text.ToString()
            : text.Append("# This Windows takes the hardware clock for local time: in place of clock.utc give clock.timezone, such as \"Europe/Berlin\".\n").ToString();
    }

    // YAML 1.1 ends a line, and so a comment, at these too.
    private static string Comment(string text) => ShellText.Quote(text).Replace('\u2028', '?').Replace('\u2029', '?');

    private static JsonObject Domain(DomainRequest request, WindowsProfile profile) => new()
    {
        ["machine"] = new JsonObject { ["type"] = profile.Machine },
        ["cpu"] = new JsonObject
        {
            ["model"] = request.CpuMode == DomainCpuMode.HostPassthrough ? "host-passthrough" : "host-model",
            ["sockets"] = request.Sockets,
            ["cores"] = request.Cores,
            ["threads"] = 1,
        },
        ["memory"] = new JsonObject { ["guest"] = string.Create(CultureInfo.InvariantCulture, $"{request.MemoryMiB}Mi") },
        ["firmware"] = Firmware(request),
        ["features"] = Features(request, profile),
        ["clock"] = new JsonObject
        {
            ["utc"] = new JsonObject(),
            ["timer"] = new JsonObject
            {
                ["hpet"] = new JsonObject { ["present"] = false },
                ["hyperv"] = new JsonObject(),
                ["pit"] = new JsonObject { ["tickPolicy"] = "delay" },
                ["rtc"] = new JsonObject { ["tickPolicy"] = "catchup" },
            },
        },
        ["devices"] = Devices(request, profile),
    };

    private static JsonObject Firmware(DomainRequest request) => new()
    {
        ["uuid"] = request.Identity.Uuid.ToString("D"),
        ["bootloader"] = request.Layout.Firmware == FirmwareMode.Uefi
            ? new JsonObject { ["efi"] = new JsonObject { ["secureBoot"] = request.SecureBoot, ["persistent"] = true } }
            : new JsonObject { ["bios"] = new JsonObject() },
    };

    /// <summary>As the XML has them; only stimer and spinlocks are named otherwise.</summary>
    private static JsonObject Features(DomainRequest request, WindowsProfile profile)
    {
        JsonObject hyperv = [];
        foreach (System.Xml.Linq.XElement feature in DomainXmlWriter.HyperV(profile).Elements())
        {
            switch (feature.Name.LocalName)
            {
                case "spinlocks":
                    hyperv["spinlocks"] = new JsonObject { ["spinlocks"] = int.Parse(feature.Attribute("retries")!.Value, CultureInfo.InvariantCulture) };
                    break;
                case "stimer":
                    hyperv["synictimer"] = feature.HasElements ? new JsonObject { ["direct"] = new JsonObject() } : new JsonObject();
                    break;
                default:
                    hyperv[feature.Name.LocalName] = new JsonObject();
                    break;
            }
        }

        JsonObject features = new() { ["acpi"] = new JsonObject(), ["apic"] = new JsonObject(), ["hyperv"] = hyperv };
        if (DomainXmlWriter.NeedsSmm(request, profile))
        {
            features["smm"] = new JsonObject { ["enabled"] = true };
        }

        return features;
    }

    private static JsonObject Devices(DomainRequest request, WindowsProfile profile)
    {
        JsonObject devices = new()
        {
            ["disks"] = Disks(request, profile),
            ["interfaces"] = new JsonArray([.. request.Identity.MacAddresses.Select((mac, card) => Card(request, profile, mac, card))]),
            ["inputs"] = new JsonArray(new JsonObject { ["type"] = "tablet", ["bus"] = "usb", ["name"] = "tablet" }),
            ["rng"] = new JsonObject(),
        };
        if (request.Phase == DomainPhase.Final && profile.Queues(request) > 1)
        {
            devices["networkInterfaceMultiqueue"] = true;
            devices["blockMultiQueue"] = true;
        }

        if (request.Identity.MacAddresses.Count == 0)
        {
            devices["autoattachPodInterface"] = false;
        }

        if (profile.HasTpm(request))
        {
            devices["tpm"] = new JsonObject { ["persistent"] = true };
        }

        return devices;
    }

    private static JsonArray Disks(DomainRequest request, WindowsProfile profile)
    {
        string finalBus = request.Bus == StorageBus.VirtioScsi ? "scsi" : "virtio";
        string bus = request.Phase == DomainPhase.Final ? finalBus : profile.BootstrapDiskBus;
        bool bootsElsewhere = request.DataDisks.Any(disk => disk.IsBootDisk);
        JsonObject system = Disk("disk0", bus, bootsElsewhere ? 2 : 1);
        if (request.Layout.SectorSize != 512)
        {
            system["blockSize"] = new JsonObject
            {
                ["custom"] = new JsonObject { ["logical"] = request.Layout.SectorSize, ["physical"] = request.Layout.SectorSize },
            };
        }

        JsonArray disks = [system];
        for (int i = 0; i < request.DataDisks.Count; i++)
        {
            disks.Add(Disk(VolumeName(i + 1), bus, request.DataDisks[i].IsBootDisk ? 1 : null));
        }

        if (HasIso(request))
        {
            disks.Add(new JsonObject { ["name"] = "drivers", ["cdrom"] = new JsonObject { ["bus"] = bus } });
        }

        if (HasDummy(request))
        {
            disks.Add(Disk("dummy", finalBus, null));
        }

        return disks;
    }

    private static JsonObject Disk(string name, string bus, int? bootOrder)
    {
        JsonObject disk = new() { ["name"] = name, ["disk"] = new JsonObject { ["bus"] = bus }, ["cache"] = "none" };
        if (bus == "virtio")
        {
            disk["dedicatedIOThread"] = true;
        }

        if (bootOrder is not null)
        {
            disk["bootOrder"] = bootOrder;
        }

        return disk;
    }

    private static JsonObject Card(DomainRequest request, WindowsProfile profile, string mac, int card) => new()
    {
        ["name"] = CardName(card),
        ["macAddress"] = DomainChecks.NormalizedMac(mac),
        ["model"] = request.Phase == DomainPhase.Final ? "virtio" : profile.BootstrapNetworkCard,
        [IsPod(request.NetworkOf(card)) ? "masquerade" : "bridge"] = new JsonObject(),
    };

    private static JsonObject Network(DomainRequest request, int card) => IsPod(request.NetworkOf(card))
        ? new JsonObject { ["name"] = CardName(card), ["pod"] = new JsonObject() }
        : new JsonObject { ["name"] = CardName(card), ["multus"] = new JsonObject { ["networkName"] = request.NetworkOf(card).Name } };

    private static JsonArray Volumes(DomainRequest request, string name)
    {
        JsonArray volumes = [];
        for (int i = 0; i <= request.DataDisks.Count; i++)
        {
            volumes.Add(Claim(VolumeName(i), $"{name}-{VolumeName(i)}"));
        }

        if (HasIso(request))
        {
            volumes.Add(Claim("drivers", IsoClaim(request)));
        }

        if (HasDummy(request))
        {
            volumes.Add(new JsonObject { ["name"] = "dummy", ["emptyDisk"] = new JsonObject { ["capacity"] = "64Mi" } });
        }

        return volumes;
    }

    private static JsonObject Claim(string volume, string claim) =>
        new() { ["name"] = volume, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } };

    private static string IsoClaim(DomainRequest request) => DnsName.Label(request.DriverIso!.Split('/')[^1].Split('.')[0]);

    private static bool HasIso(DomainRequest request) => request.Phase == DomainPhase.Bootstrap && request.DriverIso is not null;

    private static bool HasDummy(DomainRequest request) => request.Phase == DomainPhase.Bootstrap && request.DummyDiskPath is not null;

    private static string VolumeName(int disk) => string.Create(CultureInfo.InvariantCulture, $"disk{disk}");

    private static string CardName(int card) => string.Create(CultureInfo.InvariantCulture, $"nic{card}");

    private static bool IsPod(DomainNetwork network) => network is { IsBridge: false, Name: "default" };

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9]*[a-z0-9])?/)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex AttachmentName();
}
