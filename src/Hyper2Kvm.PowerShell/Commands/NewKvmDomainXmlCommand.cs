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

    /// <summary>The libvirt network.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string NetworkName { get; set; } = "default";

    [Parameter]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>Replace files that differ.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

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

        DomainRequest request = Request(image, identity, machine);
        foreach (DomainPhase phase in Phase.Distinct())
        {
            string xml = DomainXmlWriter.Write(request with { Phase = phase });
            string path = Path.Combine(folder, $"{identity.Name}-{phase.ToString().ToLowerInvariant()}.xml");
            bool writes = ShouldProcess(path, $"Write the {phase} domain");
            if (writes)
            {
                Write(folder, path, xml);
            }

            WriteObject(new KvmDomain
            {
                Layout = Layout,
                Plan = Plan,
                ImagePath = image,
                Name = identity.Name,
                Phase = phase,
                Path = writes ? path : null,
                Xml = xml,
            });
        }
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
        };
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
    private void Write(string folder, string path, string xml)
    {
        byte[] bytes = new UTF8Encoding(false).GetBytes(xml);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            WriteVerbose($"'{path}' is as wanted already.");
            return;
        }

        AtomicFile.CreateFolder(folder);
        AtomicFile.Write(path, Force, stream => stream.Write(bytes));
    }
}
