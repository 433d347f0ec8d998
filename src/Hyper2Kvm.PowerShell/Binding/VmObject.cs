using System.Management.Automation;
using Hyper2Kvm.Machines;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Reads the machine objects of other modules by their property names, live or deserialized. Neither module is referenced.</summary>
internal static class VmObject
{
    public static bool IsMachine(PSObject input) => IsHyperV(input) || IsPowerCli(input);

    /// <param name="input">An object of Get-VM.</param>
    /// <param name="firmware">Of Hyper-V's Get-VMFirmware, or null.</param>
    /// <param name="security">Of Hyper-V's Get-VMSecurity, or null.</param>
    /// <param name="folder">Where to look for disks that are not where the object says.</param>
    public static SourceMachine Read(PSObject input, PSObject? firmware, PSObject? security, string folder) =>
        IsHyperV(input) ? HyperVMachine.Read(input, firmware, security, folder) : PowerCliMachine.Read(input, folder);

    /// <summary>By type, else by what only these objects have together.</summary>
    private static bool IsHyperV(PSObject input) =>
        input.HasType("Microsoft.HyperV.PowerShell.VirtualMachine")
        || (input.Has("Generation") && input.Has("ProcessorCount") && (input.Has("MemoryStartup") || input.Has("HardDrives")));

    private static bool IsPowerCli(PSObject input) =>
        input.HasType("VMware.VimAutomation.ViCore.Impl.V1.Inventory.VirtualMachineImpl")
        || input.HasType("VMware.VimAutomation.ViCore.Impl.V1.VM.UniversalVirtualMachineImpl")
        || input.HasType("VMware.VimAutomation.ViCore.Types.V1.Inventory.VirtualMachine")
        || (input.Has("NumCpu") && input.Has("Name") && (input.Has("MemoryMB") || input.Has("MemoryGB")));
}
