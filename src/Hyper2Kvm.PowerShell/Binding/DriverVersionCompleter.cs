using System.Collections;
using System.Management.Automation;
using Hyper2Kvm.Drivers;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -Version with the builds that the driver source holds, the newest first: of the drivers of -Name where it is given.</summary>
public sealed class DriverVersionCompleter() : FileContentCompleter("DriverSource")
{
    protected override IEnumerable<string> Values(string path, IDictionary parameters)
    {
        WildcardPattern[] names = [.. LanguagePrimitives.ConvertTo<string[]>(parameters["Name"] ?? "*").Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase))];
        IEnumerable<string> infs = DriverCatalogue.FindInfs(path).Where(inf => Array.Exists(names, name => name.IsMatch(Path.GetFileNameWithoutExtension(inf))));
        return DriverCatalogue.Versions(path, infs).OrderDescending().Select(version => version.ToString());
    }
}
