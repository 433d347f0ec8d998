using System.Management.Automation;
using Hyper2Kvm.Booting;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Test-KvmBoot: boots a domain on overlays that are thrown away, watches it, and says how far it came.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KvmBoot", DefaultParameterSetName = DomainSet)]
[OutputType(typeof(KvmBootResult))]
public sealed class TestKvmBootCommand : Hyper2KvmCmdlet
{
    private const string DomainSet = "Domain";
    private const string PathSet = "Path";

    /// <summary>From New-KvmDomainXml.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = DomainSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public KvmDomain Domain { get; set; } = null!;

    /// <summary>A file of domain XML.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "FullName")]
    public string Path { get; set; } = "";

    /// <summary>Of the domains that come by the pipeline, only those of this phase.</summary>
    [Parameter(ParameterSetName = DomainSet)]
    public DomainPhase[]? Phase { get; set; }

    /// <summary>The stage to wait for.</summary>
    [Parameter]
    public KvmBootStage Until { get; set; } = KvmBootStage.Logon;

    /// <summary>Regular expression: what the guest writes on its serial port when it is up.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SerialPattern { get; set; }

    [Parameter]
    [ValidateRange(1, 7 * 24 * 3600)]
    public int TimeoutSeconds { get; set; } = 900;

    /// <summary>KVM where it works, else emulation, by default.</summary>
    [Parameter]
    [ValidateSet("Auto", "Kvm", "Tcg")]
    public string Accelerator { get; set; } = "Auto";

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? QemuPath { get; set; }

    /// <summary>The libvirt that is to run the machine; one that runs here for this user by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LibvirtUriCompleter))]
    public string? Connect { get; set; }

    /// <summary>Start QEMU directly, also where there is a libvirt.</summary>
    [Parameter]
    public SwitchParameter NoLibvirt { get; set; }

    /// <summary>Host folder for screenshots and the serial log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputDirectory { get; set; }

    protected override void Process()
    {
        bool hasDomain = ParameterSetName == DomainSet;
        if (hasDomain && Phase is not null && !Phase.Contains(Domain.Phase))
        {
            WriteVerbose($"{Domain.Name}: the {Domain.Phase} domain is not asked for.");
            return;
        }

        string? file = hasDomain ? Domain.Path : HostPath(Path);
        CurrentImage = hasDomain ? Domain.ImagePath : file;
        string folder = OutputDirectory is not null ? HostPath(OutputDirectory)
            : System.IO.Path.GetDirectoryName(file ?? Domain.ImagePath)!;
        WriteObject(KvmBootTester.Run(
            new KvmBootRequest
            {
                Xml = hasDomain ? Domain.Xml : File.ReadAllText(file!),
                Domain = hasDomain ? Domain : null,
                Until = Until,
                SerialPattern = SerialPattern,
                Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
                UseKvm = Accelerator == "Auto" ? null : Accelerator == "Kvm",
                QemuPath = QemuPath is null ? null : HostPath(QemuPath),
                Connect = Connect,
                NoLibvirt = NoLibvirt,
                OutputDirectory = folder,
            },
            this,
            StopToken));
    }
}
