using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>Finds the package of a driver in a source, as a rule and the layouts say.</summary>
internal sealed class DriverFinder(DriverSource source, DriverRules rules, DriverRule rule, GuestArchitecture architecture)
{
    private readonly IReadOnlyList<string> _architectureDirectories = rules.DirectoriesOf(architecture);

    /// <summary>The best package for that bus, or null. The rule's order of directories goes before that of the layouts.</summary>
    public DriverLocation? Find(StorageBus bus) =>
        DriversFor(bus).Select(FindDriver).FirstOrDefault(location => location is not null);

    public string Describe(StorageBus bus)
    {
        string[] infs = [.. DriversFor(bus).Select(driver => driver.Inf)];
        return infs.Length == 0
            ? "nothing: the rules have no driver for that bus"
            : $"{string.Join(" or ", infs)} in {string.Join(", ", rules.Layouts)}"
                + $" with os = {string.Join(", ", rule.Directories)} and arch = {string.Join(", ", _architectureDirectories)}";
    }

    private IEnumerable<DriverDefinition> DriversFor(StorageBus bus) =>
        rules.Drivers.Where(driver => driver.Role == DriverRole.Storage && driver.Bus == bus);

    private DriverLocation? FindDriver(DriverDefinition driver)
    {
        IEnumerable<(string Os, string Path)> candidates =
            from os in rule.Directories
            from layout in rules.Layouts
            from arch in _architectureDirectories
            from directory in driver.Directories
            select (os, Fill(layout, directory, os, arch));
        foreach ((string os, string path) in candidates)
        {
            if (source.Find($"{path}/{driver.Inf}") is { IsDirectory: false })
            {
                return new DriverLocation(driver, path, os != rule.Directories[0]);
            }
        }

        return null;
    }

    private static string Fill(string layout, string driver, string os, string arch) => layout
        .Replace("{driver}", driver, StringComparison.Ordinal)
        .Replace("{os}", os, StringComparison.Ordinal)
        .Replace("{arch}", arch, StringComparison.Ordinal);
}
