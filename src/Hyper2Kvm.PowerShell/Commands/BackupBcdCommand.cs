using System.Management.Automation;
using Hyper2Kvm.Editing;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Backup-Bcd: copies the boot store out and says what it says. Changes nothing in the guest.</summary>
[Cmdlet(VerbsData.Backup, "Bcd", SupportsShouldProcess = true)]
[OutputType(typeof(BcdBackup))]
public sealed class BackupBcdCommand : Hyper2KvmCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public WindowsLayout Layout { get; set; } = null!;

    /// <summary>Carried on to the next cmdlet.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public VirtioDriverPlan? Plan { get; set; }

    /// <summary>The image to read; the outer object's wins over that of the layout within.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ImagePath { get; set; }

    /// <summary>Host folder for the copy; the image's own by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputDirectory { get; set; }

    protected override void Process()
    {
        string image = ImagePath is null ? Layout.ImagePath : HostPath(ImagePath);
        CurrentImage = image;
        if (!AsksToProcess(image, "Copy the boot store to the host", out bool rehearses) && !rehearses)
        {
            return;
        }

        BcdBackup backup = BcdBackupWriter.Save(
            new BcdBackupRequest
            {
                Layout = Layout,
                Plan = Plan,
                ImagePath = image,
                OutputDirectory = OutputDirectory is null ? null : HostPath(OutputDirectory),
                Preview = rehearses,
            },
            this);
        foreach (BcdFinding finding in backup.Findings.Where(finding => finding.Severity == FindingSeverity.Error))
        {
            WriteWarning($"{finding.Id}: {finding.Message}");
        }

        WriteObject(backup);
    }
}
