using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images.Ova;
using Hyper2Kvm.Machines;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Get-SourceMachine: the virtual machine that a disk comes from, as its hypervisor describes it.</summary>
/// <remarks>The pipeline's set is the default one: Hyper-V's machines have a property Path, a folder, which PowerShell would bind first.</remarks>
[Cmdlet(VerbsCommon.Get, "SourceMachine", DefaultParameterSetName = ObjectSet)]
[OutputType(typeof(SourceMachine))]
public sealed class GetSourceMachineCommand : Hyper2KvmCmdlet
{
    private const string ObjectSet = "InputObject";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string ManualSet = "Manual";

    /// <summary>Machine objects of Hyper-V's or PowerCLI's Get-VM; paths and files from the pipeline, too.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>OVA, OVF, VMX or libvirt XML, or a folder with an OVF or VMX.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The same, exactly as named.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Compare the files of the bundle with the hashes in its manifest first.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [Parameter(ParameterSetName = ObjectSet)]
    public SwitchParameter VerifyManifest { get; set; }

    /// <summary>What Hyper-V's Get-VMFirmware says of the machine: Secure Boot and the boot order.</summary>
    [Parameter(ParameterSetName = ObjectSet)]
    public PSObject? VMFirmware { get; set; }

    /// <summary>What Hyper-V's Get-VMSecurity says of the machine: the TPM.</summary>
    [Parameter(ParameterSetName = ObjectSet)]
    public PSObject? VMSecurity { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ManualSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The UUID that the guest reads.</summary>
    [Parameter(ParameterSetName = ManualSet)]
    public Guid? Uuid { get; set; }

    [Parameter(ParameterSetName = ManualSet)]
    [ValidateRange(1, 4096)]
    public int? CpuCount { get; set; }

    [Parameter(ParameterSetName = ManualSet)]
    [ValidateRange(1, 4096)]
    public int? CoresPerSocket { get; set; }

    /// <summary>8GB and the like.</summary>
    [Parameter(ParameterSetName = ManualSet)]
    [ValidateRange(1024 * 1024, long.MaxValue)]
    public long? MemoryBytes { get; set; }

    [Parameter(ParameterSetName = ManualSet)]
    public FirmwareMode? Firmware { get; set; }

    [Parameter(ParameterSetName = ManualSet)]
    public SwitchParameter SecureBoot { get; set; }

    [Parameter(ParameterSetName = ManualSet)]
    public SwitchParameter Tpm { get; set; }

    /// <summary>Image files in boot order.</summary>
    [Parameter(ParameterSetName = ManualSet)]
    [ValidateNotNullOrEmpty]
    public string[] Disk { get; set; } = [];

    /// <summary>One address for each network card.</summary>
    [Parameter(ParameterSetName = ManualSet)]
    [ValidateNotNullOrEmpty]
    public string[] MacAddress { get; set; } = [];

    protected override void Process()
    {
        switch (ParameterSetName)
        {
            case ManualSet:
                WriteMachine(FromFlags());
                break;
            case PathSet:
                ReadEach(Path, literal: false);
                break;
            case LiteralPathSet:
                ReadEach(LiteralPath, literal: true);
                break;
            default:
                FromObject();
                break;
        }
    }

    /// <summary>Text is a path, and so is what Get-Item gives.</summary>
    private void FromObject()
    {
        switch (InputObject.BaseObject)
        {
            case SourceMachine machine:
                WriteObject(machine);
                break;
            case string path:
                ReadEach([path], literal: false);
                break;
            case object when VmObject.IsMachine(InputObject):
                WriteMachine(VmObject.Read(InputObject, VMFirmware, VMSecurity, SessionState.Path.CurrentFileSystemLocation.ProviderPath));
                break;
            default:
                if ((InputObject.Properties["PSPath"]?.Value as string ?? ForeignPathTransformationAttribute.PathOf(InputObject)) is { } literal)
                {
                    ReadEach([literal], literal: true);
                    break;
                }

                throw new UnsupportedFeatureException(
                    "MachineObjectUnknown", $"an object of type {InputObject.TypeNames.FirstOrDefault()} as a machine", $"'{InputObject}'",
                    "Pass an object of Get-VM, a file (OVA, OVF, VMX, libvirt XML), or give the facts by hand.");
        }
    }

    private void ReadEach(string[] paths, bool literal)
    {
        ImagePathResolver resolver = new(SessionState.Path);
        foreach (string path in paths)
        {
            Guard(path, () =>
            {
                IReadOnlyList<string> files = resolver.HostPath(path) is { } folder && Directory.Exists(folder) ? [folder]
                    : literal ? [resolver.ResolveLiteral(path)]
                    : resolver.Resolve(path);
                foreach (string file in files)
                {
                    Guard(file, () => ReadFile(file));
                }
            });
        }
    }

    private void ReadFile(string path)
    {
        CurrentImage = path;
        WriteVerbose($"Reading '{path}'.");
        IReadOnlyList<SourceMachine> machines = MachineReader.Read(path);
        if (VerifyManifest)
        {
            BundleManifest.Verify(machines[0].Origin, this, StopToken);
        }

        foreach (SourceMachine machine in machines)
        {
            WriteMachine(machine);
        }
    }

    private SourceMachine FromFlags()
    {
        MachineDraft draft = new(SourceMachineKind.Manual, "flags")
        {
            Name = Name,
            Uuid = Uuid,
            SmbiosUuid = Uuid,
            CpuCount = CpuCount,
            CoresPerSocket = CoresPerSocket,
            MemoryBytes = MemoryBytes,
            Firmware = Firmware,
            SecureBoot = MyInvocation.BoundParameters.ContainsKey(nameof(SecureBoot)) ? SecureBoot.IsPresent : null,
            Tpm = MyInvocation.BoundParameters.ContainsKey(nameof(Tpm)) ? Tpm.IsPresent : null,
        };
        ImagePathResolver resolver = new(SessionState.Path);
        foreach (string disk in Disk)
        {
            draft.AddDisk(disk, resolver.ResolveLiteral(disk), DiskController.Unknown, unit: draft.DiskCount);
        }

        foreach (string mac in MacAddress)
        {
            draft.AddNic(mac);
        }

        return draft.Build();
    }

    private void WriteMachine(SourceMachine machine)
    {
        WriteVerbose($"{machine}: {machine.Disks.Count} disks and {machine.Nics.Count} network cards, described by '{machine.Origin}'.");
        foreach (string warning in machine.Warnings)
        {
            WriteWarning($"{machine}: {warning}");
        }

        WriteObject(machine);
    }
}
