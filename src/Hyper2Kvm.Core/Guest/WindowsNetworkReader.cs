using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Images;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Reads the network settings of a guest. Reads only.</summary>
public static class WindowsNetworkReader
{
    /// <summary>Opens the image, reads, and closes it again.</summary>
    /// <param name="layout">The guest: its partition and its control set.</param>
    /// <param name="plan">Carried on in the result.</param>
    /// <param name="imagePath">The source, or the overlay of an edit.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <exception cref="Hyper2KvmException">What cannot be read, by name.</exception>
    public static WindowsNetwork Read(WindowsLayout layout, VirtioDriverPlan? plan, string imagePath, IReporter reporter)
    {
        reporter.Verbose($"Reading the network settings of '{imagePath}'.");
        using DiskImage image = ImageDetector.Open(imagePath);
        WindowsInstallation windows = WindowsFinder.Find(GuestDisk.Open(image), layout.WindowsPartition.Number, imagePath);
        IGuestFileSystem files = windows.FileSystem;
        return Read(
            layout,
            plan,
            imagePath,
            HiveLocator.Open(files, HiveLocator.PathOf(windows, HiveLocator.System)),
            HiveLocator.Open(files, HiveLocator.PathOf(windows, HiveLocator.Software)));
    }

    internal static WindowsNetwork Read(WindowsLayout layout, VirtioDriverPlan? plan, string imagePath, Hive system, Hive software)
    {
        HiveKey controlSet = system.Find(layout.ControlSet) ?? throw new GuestItemNotFoundException(
            "ControlSetNotFound", imagePath, $"'{imagePath}' has no {layout.ControlSet} any more: it is not the disk of this layout.");
        List<string> warnings = [];
        NsiTables nsi = NsiTables.Read(controlSet);
        IReadOnlyList<NetworkAdapter> adapters = new NetworkAdapterReader(controlSet, nsi, warnings).Read();
        HiveKey? parameters = controlSet.Find(@"Services\Tcpip\Parameters");
        warnings.AddRange(adapters
            .Where(adapter => adapter.IsEnslaved || adapter.Kind is NetworkAdapterKind.Team or NetworkAdapterKind.VirtualSwitch)
            .Select(adapter => $"'{adapter}' is part of a team or a virtual switch: its settings cannot be carried over to a single card. Set-WindowsNetworkPolicy -Policy Replace gives the card its own."));
        return new WindowsNetwork
        {
            Layout = layout,
            Plan = plan,
            ImagePath = imagePath,
            HostName = First(parameters, "NV Hostname", "Hostname"),
            DnsDomain = First(parameters, "NV Domain", "Domain"),
            DnsSearchList = First(parameters, "SearchList").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Adapters = adapters,
            Routes = [.. RoutesV4(parameters), .. RoutesV6(nsi, adapters)],
            Profiles = NetworkProfilesReader.Read(software),
            Warnings = warnings,
        };
    }

    /// <summary>Values named <c>destination,mask,gateway,metric</c>; the default routes that static adapters leave there (metric -1) are
    /// their gateways.</summary>
    private static IEnumerable<NetworkRoute> RoutesV4(HiveKey? parameters)
    {
        foreach (HiveValue value in parameters?.Find("PersistentRoutes")?.Values ?? [])
        {
            string[] parts = value.Name.Split(',');
            if (parts.Length == 4
                && NetworkAdapterReader.IPv4(parts[0]) is { } destination
                && NetworkAdapterReader.PrefixLength(parts[1]) is { } length
                && NetworkAdapterReader.IPv4(parts[2]) is { } nextHop)
            {
                yield return new NetworkRoute(
                    new NetworkAddress(destination, length), nextHop, int.TryParse(parts[3], out int metric) && metric > 0 ? metric : null, null);
            }
        }
    }

    private static IEnumerable<NetworkRoute> RoutesV6(NsiTables nsi, IReadOnlyList<NetworkAdapter> adapters) => nsi.Routes
        .Where(row => row.Route.Destination.PrefixLength > 0)
        .Select(row => row.Route with { AdapterId = adapters.FirstOrDefault(adapter => adapter.Luid == row.Luid)?.Id });

    private static string First(HiveKey? key, params string[] names) =>
        names.Select(name => PlainText.Escape(key?.GetValue(name)?.AsString() ?? "")).FirstOrDefault(text => text.Length > 0) ?? "";
}
