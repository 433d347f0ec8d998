using System.Management.Automation;
using Hyper2Kvm.Browsing;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>A drive over a powered-off disk. The disk is open and locked for reading until the drive is removed.</summary>
/// <param name="drive">As the user asked for it.</param>
/// <param name="root">Full path of what it shows.</param>
/// <param name="tree">What it shows.</param>
internal sealed class GuestDrive(PSDriveInfo drive, string root, IGuestTree tree)
    : PSDriveInfo(drive.Name, drive.Provider, root, drive.Description, drive.Credential)
{
    public IGuestTree Tree => tree;

    /// <summary>The part of a provider path below this drive's root; null when the path is not below it.</summary>
    public string? Within(string path)
    {
        if (!path.StartsWith(Root, StringComparison.Ordinal))
        {
            return null;
        }

        string rest = path[Root.Length..];
        return rest.Length == 0 || rest[0] is '/' or '\\' ? rest : null;
    }
}
