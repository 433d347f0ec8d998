using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Backup-Bcd: copies the boot store out and says what it says. Changes nothing in the guest unless asked.</summary>
[Cmdlet(VerbsData.Backup, "Bcd", SupportsShouldProcess = true)]
[OutputType(typeof(BcdBackup))]
public sealed class BackupBcdCommand : ResultCmdlet
{
    /// <summary>Keep a copy beside the store in the guest as well: an edit like any other.</summary>
    [Parameter]
    public SwitchParameter InGuest { get; set; }

    protected override void Process(string image, string folder)
    {
        if (!AsksToProcess(image, InGuest ? "Copy the boot store to the host, and beside itself in the guest" : "Copy the boot store to the host", out bool rehearses) && !rehearses)
        {
            return;
        }

        BcdBackup backup = BcdBackupWriter.Save(
            new BcdBackupRequest
            {
                Layout = Layout,
                Plan = Plan,
                ImagePath = image,
                OutputDirectory = folder,
                Preview = rehearses,
            },
            this);
        foreach (BcdFinding finding in backup.Findings.Where(finding => finding.Severity == FindingSeverity.Error))
        {
            WriteWarning($"{finding.Id}: {finding.Message} {finding.Remedy}".TrimEnd());
        }

        WriteObject(InGuest ? BcdBackupWriter.KeepInGuest(backup, preview: rehearses, this, StopToken) : backup);
    }
}
