using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Repair-Bcd: puts right what keeps a disk from starting its Windows, as far as the disk itself proves what is right.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "Bcd", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class RepairBcdCommand : LayoutEditCmdlet
{
    /// <summary>Host folder for the copy of the store; the image's own by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputDirectory { get; set; }

    protected override IReadOnlyList<EditAction> Actions(WindowsLayout layout) => BcdRepairer.Plan(Image, layout, this);

    protected override string Description(WindowsLayout layout) => "Repair the boot store and what starts it";

    /// <summary>A disk without a store that is found has none to copy: then only the way to it is broken.</summary>
    protected override void BeforeEdit(WindowsLayout layout, string image)
    {
        if (layout.BcdPath is null)
        {
            return;
        }

        BcdBackup backup = BcdBackupWriter.Save(
            new BcdBackupRequest
            {
                Layout = layout,
                ImagePath = image,
                OutputDirectory = OutputDirectory is null ? System.IO.Path.GetDirectoryName(image)! : HostPath(OutputDirectory),
            },
            this);
        WriteVerbose($"The store as it was is in '{backup.BackupPath}'.");
    }
}
