using System.Collections;
using System.Management.Automation;
using Hyper2Kvm.Domains;
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
    [ArgumentCompleter(typeof(KvmFolderCompleter))]
    public string? KvmFolder { get; set; } = OperatingSystem.IsWindows() ? "/var/lib/libvirt/images" : null;

    /// <summary>The libvirt network of all cards that -NetworkMap does not place.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkNameCompleter))]
    public string NetworkName { get; set; } = "default";

    /// <summary>Networks of the source machine to bridges (<c>br0</c>) or libvirt networks (<c>network:default</c>).</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NetworkMapCompleter))]
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

    protected override void Process(string image, string folder)
    {
        DomainFiles files = new(Layout, Plan, image, folder, Settings(), this);
        if (!IsGiven("WhatIf"))
        {
            DomainImage.Check(Layout, image);
            if (image == Layout.ImagePath)
            {
                WriteWarning($"The domain starts from '{image}' itself, which is the source and has not been edited: pipe what Add-BootStartStorage and Set-CriticalDeviceDatabase put out.");
            }
        }

        foreach (DomainPhase phase in Phase.Distinct())
        {
            if (phase == DomainPhase.Final)
            {
                files.CheckReady(image, AllowNotReady, isRehearsal: IsGiven("WhatIf"));
            }

            WriteObject(files.Make(phase, ShouldProcess(files.PathOf(phase), $"Write the {phase} domain")));
        }
    }

    private DomainSettings Settings() => new()
    {
        Kind = As,
        Machine = SourceMachine,
        ImageFormat = ImageFormat,
        Name = Name,
        Uuid = Uuid,
        MacAddresses = MacAddress,
        MemoryMiB = IsGiven(nameof(MemoryMiB)) ? MemoryMiB : null,
        Sockets = IsGiven(nameof(SocketCount)) ? SocketCount : null,
        Cores = IsGiven(nameof(CoreCount)) ? CoreCount : null,
        Bus = Bus,
        DriverIso = DriverIso is null ? null : HostPath(DriverIso),
        KvmFolder = KvmFolder,
        NetworkName = NetworkName,
        NetworkMap = NetworkMap?.ToTexts(),
        CpuMode = CpuMode,
        SecureBoot = IsGiven(nameof(SecureBoot)) ? SecureBoot.IsPresent : null,
        Tpm = IsGiven(nameof(Tpm)) ? Tpm.IsPresent : null,
        Force = Force,
    };

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
