using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Provider;
using Hyper2Kvm.Browsing;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>The registry of a powered-off Windows as a drive.</summary>
[CmdletProvider("WindowsHive", ProviderCapabilities.Filter)]
[OutputType(typeof(WindowsRegistryKey), ProviderCmdlet = "Get-Item")]
[OutputType(typeof(WindowsRegistryKey), ProviderCmdlet = "Get-ChildItem")]
[OutputType(typeof(PSObject), ProviderCmdlet = "Get-ItemProperty")]
public sealed class WindowsHiveProvider : GuestDriveProvider, IDynamicPropertyCmdletProvider
{
    public void GetProperty(string path, Collection<string>? providerSpecificPickList) => Guarded(path, () =>
    {
        HiveTree tree = (HiveTree)DriveOf(path, out string within).Tree;
        IReadOnlyList<KeyValuePair<string, object>> values = tree.Values(within);
        PSObject found = new();
        foreach (string name in providerSpecificPickList is { Count: > 0 } ? providerSpecificPickList : (IEnumerable<string>)["*"])
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            KeyValuePair<string, object>[] matches =
                [.. values.Where(value => value.Key.Equals(name, StringComparison.OrdinalIgnoreCase) || pattern.IsMatch(value.Key))];
            if (matches.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(ErrorRecords.From(
                    new GuestItemNotFoundException("RegistryValueNotFound", path, $"{path} has no value '{PlainText.Escape(name)}'."), path, null));
            }

            foreach (KeyValuePair<string, object> value in matches)
            {
                found.Properties.Remove(value.Key);
                found.Properties.Add(new PSNoteProperty(value.Key, value.Value));
            }
        }

        if (found.Properties.Any())
        {
            WritePropertyObject(found, path);
        }

        return true;
    });

    public object? GetPropertyDynamicParameters(string path, Collection<string>? providerSpecificPickList) => null;

    public void SetProperty(string path, PSObject propertyValue) => WriteError(ReadOnly(path));

    public object? SetPropertyDynamicParameters(string path, PSObject propertyValue) => null;

    public void ClearProperty(string path, Collection<string> propertyToClear) => WriteError(ReadOnly(path));

    public object? ClearPropertyDynamicParameters(string path, Collection<string> propertyToClear) => null;

    public void NewProperty(string path, string propertyName, string propertyTypeName, object value) => WriteError(ReadOnly(path));

    public object? NewPropertyDynamicParameters(string path, string propertyName, string propertyTypeName, object value) => null;

    public void RemoveProperty(string path, string propertyName) => WriteError(ReadOnly(path));

    public object? RemovePropertyDynamicParameters(string path, string propertyName) => null;

    public void RenameProperty(string path, string sourceProperty, string destinationProperty) => WriteError(ReadOnly(path));

    public object? RenamePropertyDynamicParameters(string path, string sourceProperty, string destinationProperty) => null;

    public void CopyProperty(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) =>
        WriteError(ReadOnly(destinationPath));

    public object? CopyPropertyDynamicParameters(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) => null;

    public void MoveProperty(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) =>
        WriteError(ReadOnly(sourcePath));

    public object? MovePropertyDynamicParameters(string sourcePath, string sourceProperty, string destinationPath, string destinationProperty) => null;

    internal override IGuestTree OpenTree(BrowseRoot root) => HiveTree.Open(root);
}
