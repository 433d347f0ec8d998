using System.Collections.ObjectModel;
using System.Management.Automation;
using Hyper2Kvm.Browsing;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.PowerShell.Commands.Base;
using Hyper2Kvm.PowerShell.Providers;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Copy-WindowsItem: files out of a drive of WindowsDisk.</summary>
/// <remarks>PowerShell's own Copy-Item refuses to copy from one provider to another, before either is asked.</remarks>
[Cmdlet(VerbsCommon.Copy, "WindowsItem", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(WindowsItemCopy))]
public sealed class CopyWindowsItemCommand : Hyper2KvmCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Folder or file of the host.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Files that are there may be replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void Process()
    {
        bool literal = ParameterSetName == "LiteralPath";
        foreach (string path in literal ? LiteralPath : Path)
        {
            Guard(path, () =>
            {
                foreach (string found in Resolve(path, literal, out ProviderInfo provider))
                {
                    Guard(found, () => Copy(found, provider));
                }
            });
        }
    }

    private Collection<string> Resolve(string path, bool literal, out ProviderInfo provider)
    {
        try
        {
            return literal
                ? [SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _)]
                : SessionState.Path.GetResolvedProviderPathFromPSPath(path, out provider);
        }
        catch (SessionStateException exception)
        {
            throw new GuestItemNotFoundException("GuestPathNotFound", path, exception.Message);
        }
    }

    private void Copy(string path, ProviderInfo provider)
    {
        GuestDrive drive = provider.Drives.OfType<GuestDrive>().FirstOrDefault(one => one.Tree is DiskTree && one.Within(path) is not null)
            ?? throw new UnsupportedFeatureException(
                "PathNotOnWindowsDisk", "copying from where no disk is open", path, "Open the disk with New-PSDrive -PSProvider WindowsDisk and name a path on that drive.");
        string within = drive.Within(path)!;
        string target = HostPath(Destination);
        if (!ShouldProcess(target, $"Copy {within} out of {drive.Root}"))
        {
            return;
        }

        foreach (WindowsItemCopy copy in new TreeCopier((DiskTree)drive.Tree, Force, this, Failed, StopToken).Copy(within, target, Recurse))
        {
            WriteVerbose($"{copy.Source} -> {copy.Path}");
            if (PassThru)
            {
                WriteObject(copy);
            }
        }

        void Failed(string failing, Hyper2KvmException exception) => WriteError(ErrorRecords.From(exception, drive.Root + failing, failing));
    }
}
