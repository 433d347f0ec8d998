using System.Management.Automation;
using System.Text;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>New-KvmDomainXml: the libvirt domains for the bootstrap and the final boot.</summary>
[Cmdlet(VerbsCommon.New, "KvmDomainXml", SupportsShouldProcess = true)]
[OutputType(typeof(KvmDomain))]
public sealed class NewKvmDomainXmlCommand : ResultCmdlet
{
    [Parameter]
    public DomainPhase[] Phase { get; set; } = [DomainPhase.Bootstrap, DomainPhase.Final];

    /// <summary>Domain name; the guest's host name by default.</summary>
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
        DomainIdentity identity = DomainIdentity.From(Layout, Name, Uuid, MacAddress);
        if (image == Layout.ImagePath && !MyInvocation.BoundParameters.ContainsKey("WhatIf"))
        {
            WriteWarning($"The domain starts from '{image}' itself, which is the source and has not been edited.");
        }

        foreach (DomainPhase phase in Phase.Distinct())
        {
            string xml = DomainXmlWriter.Write(Request(image, identity, phase));
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

    private DomainRequest Request(string image, DomainIdentity identity, DomainPhase phase) => new()
    {
        Layout = Layout,
        Phase = phase,
        ImagePath = OnKvmHost(image),
        // An edit's result is always QCOW2; only the source itself has another format.
        DiskFormat = (image == Layout.ImagePath ? Layout.Format : ImageFormat.Qcow2).QemuName(),
        Identity = identity,
        Bus = Bus ?? Plan?.Bus ?? StorageBus.VirtioBlk,
        MemoryMiB = MemoryMiB,
        Sockets = SocketCount,
        Cores = CoreCount,
        DriverIso = DriverIso is null ? (File.Exists(Plan?.Source) ? OnKvmHost(Plan!.Source) : null) : OnKvmHost(HostPath(DriverIso)),
        NetworkName = NetworkName,
        SecureBoot = SecureBoot,
    };

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
