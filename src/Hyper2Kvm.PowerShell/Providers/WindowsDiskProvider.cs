using System.Management.Automation;
using System.Management.Automation.Provider;
using Hyper2Kvm.Browsing;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>The files of a powered-off disk as a drive.</summary>
[CmdletProvider("WindowsDisk", ProviderCapabilities.Filter)]
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
            reader = new GuestContentReader(tree.OpenRead(within), within, parameters, StopToken);
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

    /// <remarks>Set-Content clears first and forgives only this exception; then it asks for the writer, whose error names the reason. Clear-Content
    /// is known by its dynamic parameters.</remarks>
    public void ClearContent(string path)
    {
        ErrorRecord error = ReadOnly(path);
        if (DynamicParameters is not ClearContentParameters)
        {
            throw new PSNotSupportedException(error.Exception.Message);
        }

        WriteError(error);
    }

    public object ClearContentDynamicParameters(string path) => new ClearContentParameters();

    protected override object GetChildItemsDynamicParameters(string path, bool recurse) => new ChildItemParameters();

    protected override object GetChildNamesDynamicParameters(string path) => new ChildItemParameters();

    protected override bool IsAskedFor(object item) =>
        DynamicParameters is not ChildItemParameters parameters || parameters.LetThrough(((WindowsItem)item).Attributes);

    internal override IGuestTree OpenTree(BrowseRoot root) => DiskTree.Open(root);
}
