using System.Management.Automation;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Get-VirtioDriver: what a driver ISO or folder offers.</summary>
[Cmdlet(VerbsCommon.Get, "VirtioDriver")]
[OutputType(typeof(VirtioDriver))]
public sealed class GetVirtioDriverCommand : Hyper2KvmCmdlet
{
    private WildcardPattern[] _names = [];
    private WildcardPattern[] _versions = [];

    /// <summary>The virtio-win ISO, or a folder with its content or with any driver packages.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath")]
    public string DriverSource { get; set; } = null!;

    /// <summary>Names of INFs without their ending; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DriverNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Builds of drivers, as DriverVer has them; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DriverVersionCompleter))]
    public string[] Version { get; set; } = ["*"];

    /// <summary>Drivers of these devices only.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public VirtioDevice[] Device { get; set; } = [];

    /// <summary>Drivers for these architectures only.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public GuestArchitecture[] Architecture { get; set; } = [];

    protected override void BeginProcessing()
    {
        _names = [.. Name.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase))];
        _versions = [.. Version.Select(version => WildcardPattern.Get(version, WildcardOptions.None))];
    }

    protected override void Process()
    {
        string path = HostPath(DriverSource);
        CurrentImage = path;
        WriteVerbose($"Opening '{path}' read-only.");
        foreach (string inf in DriverCatalogue.FindInfs(path))
        {
            StopToken.ThrowIfCancellationRequested();
            if (Array.Exists(_names, name => name.IsMatch(System.IO.Path.GetFileNameWithoutExtension(inf))))
            {
                Guard(inf, () => WriteDriver(path, inf));
            }
        }
    }

    private void WriteDriver(string path, string inf)
    {
        if (DriverCatalogue.Read(path, inf) is not { } driver)
        {
            WriteVerbose($"'{inf}' serves no devices.");
            return;
        }

        if (Array.Exists(_versions, version => version.IsMatch(driver.Version))
            && (Device.Length == 0 || Device.Contains(driver.Device))
            && (Architecture.Length == 0 || Architecture.Intersect(driver.Architectures).Any()))
        {
            WriteObject(driver);
        }
    }
}
