using System.Management.Automation;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Get-BcdStore: what a boot store holds, as bcdedit shows it.</summary>
[Cmdlet(VerbsCommon.Get, "BcdStore", DefaultParameterSetName = LayoutSet)]
[OutputType(typeof(BootStore))]
public sealed class GetBcdStoreCommand : DiskOrLayoutCmdlet
{
    protected override void ProcessDisk(string imagePath, int? partition)
    {
        BootStore store = BcdReader.Read(imagePath, partition, this);
        foreach (string warning in store.Warnings)
        {
            WriteWarning($"{store.StorePath}: {warning}");
        }

        WriteObject(store);
    }
}
