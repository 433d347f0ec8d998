using System.Management.Automation;
using System.Management.Automation.Provider;
using Hyper2Kvm.Browsing;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>The files of a powered-off disk as a drive.</summary>
[CmdletProvider("WindowsDisk", ProviderCapabilities.None)]
[OutputType(typeof(WindowsItem), ProviderCmdlet = "Get-Item")]
[OutputType(typeof(WindowsItem), ProviderCmdlet = "Get-ChildItem")]
[OutputType(typeof(string), typeof(byte), ProviderCmdlet = "Get-Content")]
public sealed class WindowsDiskProvider : GuestDriveProvider, IContentCmdletProvider
{
    public IContentReader? GetContentReader(string path)
    {
        IContentReader? reader = null;
        Guarded(path, () =>
        {
            DiskTree tree = (DiskTree)DriveOf(path, out string within).Tree;
            ContentParameters parameters = DynamicParameters as ContentParameters ?? new ContentParameters();
            reader = new GuestContentReader(tree.OpenRead(within), within, parameters);
            return true;
        });
        return reader;
    }

    public object GetContentReaderDynamicParameters(string path) => new ContentParameters();

    public IContentWriter? GetContentWriter(string path)
    {
        WriteError(ReadOnly(path));
        return null;
    }

    public object? GetContentWriterDynamicParameters(string path) => null;

    /// <remarks>Set-Content clears first and forgives only this exception; then it asks for the writer, whose error names the reason.</remarks>
    public void ClearContent(string path) => throw new PSNotSupportedException(ReadOnly(path).Exception.Message);

    public object? ClearContentDynamicParameters(string path) => null;

    internal override IGuestTree OpenTree(BrowseRoot root) => DiskTree.Open(root);
}
