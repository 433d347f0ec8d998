using System.Collections;
using Hyper2Kvm.Drivers;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -Name with the INFs of the driver source.</summary>
public sealed class DriverNameCompleter() : FileContentCompleter("DriverSource")
{
    protected override IEnumerable<string> Values(string path, IDictionary parameters) =>
        DriverCatalogue.FindInfs(path).Select(NameOf).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase);

    private static string NameOf(string inf) => Path.GetFileNameWithoutExtension(inf).ToLowerInvariant();
}
