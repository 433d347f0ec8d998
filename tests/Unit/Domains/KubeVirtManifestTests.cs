using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using YamlDotNet.RepresentationModel;

namespace Hyper2Kvm.Unit.Domains;

public sealed class KubeVirtManifestTests
{
    private static readonly WindowsLayout s_layout = Guests.Layout(Guests.Version(10, 0, 22631), FirmwareMode.Uefi);

    /// <summary>The parts of KubeVirt's v1 schema that we use: an unknown field is refused by its API server.</summary>
    private static readonly Dictionary<string, string[]> s_fields = new()
    {
        [""] = ["apiVersion", "kind", "metadata", "spec"],
        ["metadata"] = ["name"],
        ["spec"] = ["runStrategy", "template"],
        ["spec.template"] = ["metadata", "spec"],
        ["spec.template.spec"] = ["domain", "networks", "volumes"],
        ["spec.template.spec.domain"] = ["clock", "cpu", "devices", "features", "firmware", "machine", "memory"],
        ["spec.template.spec.domain.clock"] = ["utc", "timezone", "timer"],
        ["spec.template.spec.domain.clock.timer"] = ["hpet", "hyperv", "kvm", "pit", "rtc"],
        ["spec.template.spec.domain.clock.timer.hpet"] = ["present", "tickPolicy"],
        ["spec.template.spec.domain.clock.timer.pit"] = ["present", "tickPolicy"],
        ["spec.template.spec.domain.clock.timer.rtc"] = ["present", "tickPolicy", "track"],
        ["spec.template.spec.domain.cpu"] = ["cores", "model", "sockets", "threads"],
        ["spec.template.spec.domain.devices"] = ["autoattachPodInterface", "blockMultiQueue", "disks", "inputs", "interfaces", "networkInterfaceMultiqueue", "rng", "tpm"],
        ["spec.template.spec.domain.devices.disks[]"] = ["blockSize", "bootOrder", "cache", "cdrom", "dedicatedIOThread", "disk", "name", "serial"],
        ["spec.template.spec.domain.devices.disks[].disk"] = ["bus", "readonly"],
        ["spec.template.spec.domain.devices.disks[].cdrom"] = ["bus", "readonly", "tray"],
        ["spec.template.spec.domain.devices.disks[].blockSize"] = ["custom"],
        ["spec.template.spec.domain.devices.disks[].blockSize.custom"] = ["logical", "physical"],
        ["spec.template.spec.domain.devices.inputs[]"] = ["bus", "name", "type"],
        ["spec.template.spec.domain.devices.interfaces[]"] = ["bridge", "macAddress", "masquerade", "model", "name"],
        ["spec.template.spec.domain.devices.tpm"] = ["enabled", "persistent"],
        ["spec.template.spec.domain.features"] = ["acpi", "apic", "hyperv", "smm"],
        ["spec.template.spec.domain.features.hyperv"] =
            ["frequencies", "ipi", "relaxed", "reset", "runtime", "spinlocks", "synic", "synictimer", "tlbflush", "vapic", "vpindex"],
        ["spec.template.spec.domain.features.hyperv.spinlocks"] = ["enabled", "spinlocks"],
        ["spec.template.spec.domain.features.hyperv.synictimer"] = ["direct", "enabled"],
        ["spec.template.spec.domain.features.smm"] = ["enabled"],
        ["spec.template.spec.domain.firmware"] = ["bootloader", "uuid"],
        ["spec.template.spec.domain.firmware.bootloader"] = ["bios", "efi"],
        ["spec.template.spec.domain.firmware.bootloader.efi"] = ["persistent", "secureBoot"],
        ["spec.template.spec.domain.machine"] = ["type"],
        ["spec.template.spec.domain.memory"] = ["guest", "maxGuest"],
        ["spec.template.spec.networks[]"] = ["multus", "name", "pod"],
        ["spec.template.spec.networks[].multus"] = ["default", "networkName"],
        ["spec.template.spec.volumes[]"] = ["emptyDisk", "name", "persistentVolumeClaim"],
        ["spec.template.spec.volumes[].emptyDisk"] = ["capacity"],
        ["spec.template.spec.volumes[].persistentVolumeClaim"] = ["claimName"],
    };

    [Fact]
    public void Every_version_gives_fields_that_KubeVirt_knows_and_disks_that_have_volumes()
    {
        foreach ((string _, WindowsVersion version) in Guests.All.Where(guest => guest.Version.Major > 5))
        {
            foreach (DomainPhase phase in Enum.GetValues<DomainPhase>())
            {
                foreach (StorageBus bus in Enum.GetValues<StorageBus>())
                {
                    DomainRequest request = Guests.Request(Guests.Layout(version), phase, bus) with
                    {
                        DataDisks = [new DomainDisk("/images/data.raw", "raw", IsBootDisk: true)], Tpm = true,
                    };
                    YamlMappingNode root = Yaml(request);
                    CheckFields(root, "");
                    YamlNode spec = root["spec"]["template"]["spec"];
                    Assert.Equal(Names(spec["volumes"]), Names(spec["domain"]["devices"]["disks"]));
                    Assert.Equal(Names(spec["networks"]), Names(spec["domain"]["devices"]["interfaces"]));
                }
            }
        }
    }

    [Fact]
    public void Bootstrap_has_sata_iso_and_an_empty_disk_and_the_final_machine_virtio()
    {
        DomainRequest request = Guests.Request(s_layout) with { SecureBoot = true };
        YamlNode first = Yaml(request)["spec"]["template"]["spec"];
        Assert.Equal(["disk0", "drivers", "dummy"], Names(first["volumes"]));
        Assert.Equal("sata", Text(first["domain"]["devices"]["disks"][0]["disk"]["bus"]));
        Assert.Equal("virtio", Text(first["domain"]["devices"]["disks"][2]["disk"]["bus"]));
        Assert.Equal("64Mi", Text(first["volumes"][2]["emptyDisk"]["capacity"]));
        Assert.Equal("true", Text(first["domain"]["firmware"]["bootloader"]["efi"]["secureBoot"]));
        Assert.Equal("true", Text(first["domain"]["features"]["smm"]["enabled"]));
        Assert.Equal("true", Text(first["domain"]["devices"]["tpm"]["persistent"]));

        YamlNode second = Yaml(request with { Phase = DomainPhase.Final })["spec"]["template"]["spec"];
        Assert.Equal(["disk0"], Names(second["volumes"]));
        Assert.Equal("virtio", Text(second["domain"]["devices"]["disks"][0]["disk"]["bus"]));
        Assert.Equal("virtio", Text(second["domain"]["devices"]["interfaces"][0]["model"]));
        Assert.Equal(Text(first["domain"]["firmware"]["uuid"]), Text(second["domain"]["firmware"]["uuid"]));
        Assert.Equal("false", Text(Yaml(request with { SecureBoot = false })["spec"]["template"]["spec"]["domain"]["firmware"]["bootloader"]["efi"]["secureBoot"]));
    }

    [Fact]
    public void Names_become_those_of_kubernetes_and_paths_stay_comments()
    {
        DomainRequest request = Guests.Request(s_layout) with { ImagePath = "/images/a\u2028kind: Pod 'x'.qcow2" };
        YamlMappingNode root = Yaml(request with { Identity = request.Identity with { Name = "Web 01: ä#" } });
        Assert.Equal("web-01", Text(root["metadata"]["name"]));
        Assert.Equal("VirtualMachine", Text(root["kind"]));
    }

    [Fact]
    public void Networks_are_attachments_and_one_card_may_be_in_the_pod_network()
    {
        DomainRequest request = Guests.Request(s_layout);
        DomainIdentity two = request.Identity with { MacAddresses = ["52:54:00:00:00:01", "52:54:00:00:00:02"] };
        YamlNode networks = Yaml(request with { Identity = two, Networks = [null, new DomainNetwork("lan/prod", false)] })["spec"]["template"]["spec"]["networks"];
        Assert.Equal("lan/prod", Text(networks[1]["multus"]["networkName"]));
        Assert.IsType<YamlMappingNode>(networks[0]["pod"]);
        Refused<GuestStateException>("DomainNetworkInvalid", request with { Identity = two });
        Refused<GuestStateException>("DomainNetworkInvalid", request with { NetworkName = "VM Network" });
        Refused<UnsupportedFeatureException>("DomainPlatform", Guests.Request(Guests.Layout(Guests.Version(5, 2, 3790, isServer: true))));
    }

    private static void Refused<T>(string errorId, DomainRequest request)
        where T : Hyper2KvmException =>
        Assert.Equal(errorId, Assert.Throws<T>(() => DomainText.Write(request, KvmDomainKind.KubeVirt)).ErrorId);

    private static void CheckFields(YamlNode node, string path)
    {
        if (node is YamlMappingNode map && path != "spec.template.metadata")
        {
            foreach ((YamlNode key, YamlNode value) in map.Children)
            {
                Assert.Contains(Text(key), s_fields.GetValueOrDefault(path, []));
                CheckFields(value, path.Length == 0 ? Text(key) : $"{path}.{Text(key)}");
            }
        }
        else if (node is YamlSequenceNode list)
        {
            Assert.All(list.Children, item => CheckFields(item, path + "[]"));
        }
    }

    private static YamlMappingNode Yaml(DomainRequest request)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(DomainText.Write(request, KvmDomainKind.KubeVirt)));
        return Assert.IsType<YamlMappingNode>(Assert.Single(stream.Documents).RootNode);
    }

    private static IEnumerable<string> Names(YamlNode list) => ((YamlSequenceNode)list).Children.Select(item => Text(item["name"]));

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
