using System.Management.Automation;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>What Get-Content takes on a drive of WindowsDisk, named as on a file system.</summary>
public sealed class ContentParameters
{
    /// <summary>All of it as one text, or as one array of bytes.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>A name of PowerShell's, any name of .NET's, or a code page; taken where the file has no byte order mark.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Encoding { get; set; }
}
