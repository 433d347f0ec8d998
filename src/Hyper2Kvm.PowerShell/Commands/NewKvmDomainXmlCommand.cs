using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>New-KvmDomainXml: the libvirt domains for the bootstrap and the final boot.</summary>
[Cmdlet(VerbsCommon.New, "KvmDomainXml", SupportsShouldProcess = true)]
[OutputType(typeof(KvmDomain))]
public sealed class NewKvmDomainXmlCommand : ResultCmdlet
{
    [Parameter]
    public DomainPhase[] Phase { get; set; } = [DomainPhase.Bootstrap, DomainPhase.Final];

    /// <summary>What runs the domain, and so what is written: XML, a script or a manifest.</summary>
    [Parameter]
    public KvmDomainKind As { get; set; } = KvmDomainKind.Libvirt;

    /// <summary>The machine whose processors, memory, cards and disks the domain gets; the layout's own by default.</summary>
    [Parameter]
    [SourceMachineTransformation]
    [ValidateNotNull]
    public SourceMachine? SourceMachine { get; set; }

    /// <summary>Format of the image, where it is neither the source nor an edit of it: the property of a conversion.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public ImageFormat? ImageFormat { get; set; }

    /// <summary>Domain name; the machine's or the guest's host name by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>SMBIOS UUID; that of the source machine keeps licences and hardware profiles.</summary>
    [Parameter]
    public Guid? Uuid { get; set; }

    /// <summary>One address for each network card; those of the source machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? MacAddress { get; set; }

    [Parameter]
    [ValidateRange(256, 16 * 1024 * 1024)]
    public int MemoryMiB { get; set; } = 4096;

    [Parameter]
    [ValidateRange(1, 64)]
    public int SocketCount { get; set; } = 1;

    [Parameter]
    [ValidateRange(1, 512)]
    public int CoreCount { get; set; } = 2;

    /// <summary>Disk bus of the final domain; the plan's by default.</summary>
    [Parameter]
    public StorageBus? Bus { get; set; }

    /// <summary>Driver ISO for the bootstrap domain; the plan's source by default, where that is an ISO.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DriverIso { get; set; }

    /// <summary>Folder on the KVM host that will hold the disk and the ISO, where that is not where they are now. On Windows
    /// <c>/var/lib/libvirt/images</c> by default, since no path of a Windows host means anything on a KVM host.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KvmFolder { get; set; } = OperatingSystem.IsWindows() ? "/var/lib/libvirt/images" : null;

    /// <summary>The libvirt network of all cards that -NetworkMap does not place.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string NetworkName { get; set; } = "default";

    /// <summary>Networks of the source machine to bridges (<c>br0</c>) or libvirt networks (<c>network:default</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IDictionary? NetworkMap { get; set; }

    [Parameter]
    public DomainCpuMode CpuMode { get; set; } = DomainCpuMode.HostModel;

    [Parameter]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>An emulated TPM 2.0; where it is not given, for Windows 11 and for machines that have one.</summary>
    [Parameter]
    public SwitchParameter Tpm { get; set; }

    /// <summary>Write the final domain also for a guest that would not start from VirtIO.</summary>
    [Parameter]
    public SwitchParameter AllowNotReady { get; set; }

    /// <summary>Replace files that differ.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private const long DummyDiskSize = 64 * 1024 * 1024;

    protected override void Process(string image, string folder)
    {
        RefuseBundle(image);
        SourceMachine? machine = SourceMachine ?? Layout.Machine;
        DomainIdentity identity = machine is null
            ? DomainIdentity.From(Layout, Name, Uuid, MacAddress)
            : MachineTakeOver.Identity(Layout, machine, Name, Uuid, MacAddress);
        if (image == Layout.ImagePath && !MyInvocation.BoundParameters.ContainsKey("WhatIf"))
        {
            WriteWarning($"The domain starts from '{image}' itself, which is the source and has not been edited.");
        }

        string dummy = Path.Combine(folder, $"{identity.Name}-virtio-dummy.raw");
        DomainRequest request = Request(image, identity, machine) with { DummyDiskPath = OnKvmHost(dummy) };
        foreach (DomainPhase phase in Phase.Distinct())
        {
            if (phase == DomainPhase.Final)
            {
                CheckReady(image, request.Bus);
            }

            WriteObject(Domain(request with { Phase = phase }, image, folder, dummy));
        }
    }

    private KvmDomain Domain(DomainRequest request, string image, string folder, string dummy)
    {
        // A cluster and Proxmox make the dummy disk themselves.
        bool hasDummy = request.Phase == DomainPhase.Bootstrap && As is (KvmDomainKind.Libvirt or KvmDomainKind.Qemu);
        string text = DomainText.Write(request, As);
        string xml = As == KvmDomainKind.Libvirt ? text : DomainXmlWriter.Write(request with { DummyDiskPath = hasDummy ? request.DummyDiskPath : null });
        string path = Path.Combine(folder, $"{request.Identity.Name}-{request.Phase.ToString().ToLowerInvariant()}{DomainText.Extension(As)}");
        bool writes = ShouldProcess(path, $"Write the {request.Phase} domain");
        if (writes)
        {
            AtomicFile.CreateFolder(folder);
            if (hasDummy)
            {
                WriteDummyDisk(dummy);
            }

            Write(path, text);
        }

        return new KvmDomain
        {
            Layout = Layout,
            Plan = Plan,
            ImagePath = image,
            Name = request.Identity.Name,
            Phase = request.Phase,
            Path = writes ? path : null,
            DummyDiskPath = writes && hasDummy ? dummy : null,
            Kind = As,
            Text = text,
            Xml = xml,
        };
    }

    /// <summary>The seed's gate between the two boots.</summary>
    private void CheckReady(string image, StorageBus bus)
    {
        if (FinalBootGate.Obstacle(Layout, image, bus, Plan, MyInvocation.BoundParameters.ContainsKey("WhatIf"), this) is not { } obstacle)
        {
            return;
        }

        if (!AllowNotReady)
        {
            throw new GuestStateException(
                "VirtioNotReady", image, $"'{image}' would not start from {bus}, so its final domain is not written: {obstacle}",
                "Test-VirtioReadiness lists all reasons with their remedies. -AllowNotReady writes the domain all the same.");
        }

        WriteWarning($"'{image}' would not start from {bus}, as things are: {obstacle}");
    }

    private void RefuseBundle(string image)
    {
        if (image == Layout.ImagePath && Layout.Bundle is not null)
        {
            throw new UnsupportedFeatureException(
                "DomainDiskFormat", "a domain that starts from inside an OVA", image, "Make a copy of the disk with Convert-DiskImage, and take that.");
        }
    }

    /// <summary>The machine's values, and over them what the user gave.</summary>
    private DomainRequest Request(string image, DomainIdentity identity, SourceMachine? machine)
    {
        DomainRequest request = new()
        {
            Layout = Layout,
            Phase = DomainPhase.Bootstrap,
            ImagePath = OnKvmHost(image),
            // An edit's result is always QCOW2; only the source itself and a conversion have another format.
            DiskFormat = (ImageFormat ?? (image == Layout.ImagePath ? Layout.Format : Hyper2Kvm.Images.ImageFormat.Qcow2)).QemuName(),
            DataDisks = DataDisks(image),
            Identity = identity,
            Bus = Bus ?? Plan?.Bus ?? StorageBus.VirtioBlk,
            MemoryMiB = MemoryMiB,
            Sockets = SocketCount,
            Cores = CoreCount,
            DriverIso = DriverIso is null ? (File.Exists(Plan?.Source) ? OnKvmHost(Plan!.Source) : null) : OnKvmHost(HostPath(DriverIso)),
            NetworkName = NetworkName,
            Networks = Networks(identity, machine),
            CpuMode = CpuMode,
            SecureBoot = SecureBoot,
        };
        DomainRequest theirs = machine is null ? request : MachineTakeOver.Apply(request, machine);
        bool hasTopology = IsGiven(nameof(SocketCount)) || IsGiven(nameof(CoreCount));
        return theirs with
        {
            MemoryMiB = IsGiven(nameof(MemoryMiB)) ? MemoryMiB : theirs.MemoryMiB,
            // One without the other is meant with its default, not with a half of the machine's.
            Sockets = hasTopology ? SocketCount : theirs.Sockets,
            Cores = hasTopology ? CoreCount : theirs.Cores,
            SecureBoot = IsGiven(nameof(SecureBoot)) ? SecureBoot : theirs.SecureBoot,
            Tpm = IsGiven(nameof(Tpm)) ? Tpm.IsPresent : theirs.Tpm,
        };
    }

    private IReadOnlyList<DomainNetwork?> Networks(DomainIdentity identity, SourceMachine? machine)
    {
        if (NetworkMap is null)
        {
            return [];
        }

        if (machine is null)
        {
            throw new GuestStateException(
                "NetworkMapNeedsMachine", identity.Name, "The networks of the source machine are not known, so -NetworkMap has nothing to map.",
                "Give the machine with -SourceMachine, or the one network of all cards with -NetworkName.");
        }

        Dictionary<string, string> map = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in NetworkMap)
        {
            map[Text(entry.Key)] = Text(entry.Value);
        }

        IReadOnlyList<DomainNetwork?> networks = Hyper2Kvm.Domains.NetworkMap.Networks(identity, machine, map, out IReadOnlyList<string> unknown);
        if (unknown.Count > 0)
        {
            WriteWarning($"-NetworkMap does not name {string.Join(", ", unknown)} of '{machine.Name}': those cards are plugged into '{NetworkName}'.");
        }

        return networks;

        static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>What a domain cannot use is named as its converted copy, so that the disks keep their order.</summary>
    private List<DomainDisk> DataDisks(string image)
    {
        List<DomainDisk> disks = [];
        foreach (DataDisk disk in SourceMachine is null ? Layout.DataDisks : MachineProbe.DataDisksBeside(SourceMachine, Layout, this))
        {
            if (disk.Obstacle is null)
            {
                disks.Add(new DomainDisk(OnKvmHost(disk.ImagePath), disk.Format.QemuName(), disk.IsBootDisk));
                continue;
            }

            string copy = Path.Combine(Path.GetDirectoryName(image)!, Path.GetFileNameWithoutExtension(disk.ImagePath) + ".qcow2");
            WriteWarning(
                $"No domain can use the data disk '{disk.ImagePath}' as it is, because {disk.Obstacle}. The domain names its copy, '{copy}': "
                + "make that with Convert-DiskImage.");
            disks.Add(new DomainDisk(OnKvmHost(copy), Hyper2Kvm.Images.ImageFormat.Qcow2.QemuName(), disk.IsBootDisk));
        }

        return disks;
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private string OnKvmHost(string path) => KvmFolder is null ? path : $"{KvmFolder.TrimEnd('/')}/{Path.GetFileName(path)}";

    /// <summary>A file that says the same already is left alone; one that differs may carry somebody's changes.</summary>
    private void Write(string path, string text)
    {
        byte[] bytes = new UTF8Encoding(false).GetBytes(text);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            WriteVerbose($"'{path}' is as wanted already.");
            return;
        }

        AtomicFile.Write(path, Force, stream => stream.Write(bytes));
    }

    /// <summary>Sparse and blank. One that is there is kept: Windows may have put its signature on it.</summary>
    private void WriteDummyDisk(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: DummyDiskSize })
        {
            WriteVerbose($"'{path}' is there already.");
            return;
        }

        AtomicFile.Write(path, Force, stream => stream.SetLength(DummyDiskSize));
    }
}
