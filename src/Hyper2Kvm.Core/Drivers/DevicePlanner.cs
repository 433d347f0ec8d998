using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>Chooses the packages for devices that Windows' own PnP installs at the first boot: network, balloon and the like.</summary>
/// <remarks>The rules say which directories fit a Windows, best first; which device a package serves, its INF says.</remarks>
public static class DevicePlanner
{
    /// <summary>Storage has to start at boot, which takes more than a package that lies ready.</summary>
    private static readonly VirtioDevice[] s_notStaged = [VirtioDevice.Other, VirtioDevice.Block, VirtioDevice.Scsi];

    /// <summary>The devices that this is for.</summary>
    public static IReadOnlyList<VirtioDevice> Devices { get; } = [.. Enum.GetValues<VirtioDevice>().Except(s_notStaged)];

    /// <param name="layout">The guest.</param>
    /// <param name="source">ISO or folder.</param>
    /// <param name="rules">The default rules, possibly with a user's laid over them.</param>
    /// <param name="devices">Each must have a package; empty for all that the source has for this Windows.</param>
    /// <param name="allowUnsigned">Take drivers that this Windows does not load because of their signature, with a warning.</param>
    /// <param name="reporter">Told what is chosen, and every warning.</param>
    /// <returns>In the order of the devices; a device may take several packages.</returns>
    /// <exception cref="GuestItemNotFoundException"><c>DriverRuleNotFound</c>, <c>DriverNotInSource</c>.</exception>
    /// <exception cref="GuestStateException"><c>DriverSignatureRefused</c>, <c>DriverPackageIncomplete</c>, <c>DriverArchitectureWrong</c>.</exception>
    /// <exception cref="DiskFormatException">A package is damaged.</exception>
    public static IReadOnlyList<PlannedPackage> Plan(
        WindowsLayout layout, DriverSource source, DriverRules rules, IReadOnlyCollection<VirtioDevice> devices, bool allowUnsigned, IReporter reporter)
    {
        VirtioDevice[] wanted = [.. (devices.Count > 0 ? devices : Devices).Distinct()];
        Dictionary<VirtioDevice, List<DevicePackageReader>> found = Find(layout, source, rules, wanted, reporter);
        VirtioDevice[] missing = [.. wanted.Where(device => !found.ContainsKey(device))];
        if (found.Count == 0 || (devices.Count > 0 && missing.Length > 0))
        {
            throw NotInSource(missing, layout.Windows, source);
        }

        List<PlannedPackage> packages = [];
        List<string> warnings = [];
        foreach (DevicePackageReader reader in wanted.Where(found.ContainsKey).SelectMany(device => WithoutRivals(found[device])))
        {
            PlannedPackage package = reader.Read(warnings);
            if (package.SignatureObstacle is null || allowUnsigned)
            {
                packages.Add(package);
                reporter.Verbose($"{package.Device}: {package} from '{package.SourceDirectory}' in '{source}'.");
            }
            else
            {
                throw SignatureRules.Refused(package, package.InfName, startsAtBoot: false, layout.Windows, source);
            }
        }

        warnings.AddRange(packages.Where(package => package.SignatureObstacle is not null).Select(package =>
            $"{package}: {layout.Windows} does not load it ({package.SignatureObstacle}); it was asked for with -AllowUnsignedDriver."));
        warnings.ForEach(reporter.Warning);
        return packages;
    }

    /// <summary>For each device the packages of the best directory that has one.</summary>
    private static Dictionary<VirtioDevice, List<DevicePackageReader>> Find(
        WindowsLayout layout, DriverSource source, DriverRules rules, VirtioDevice[] wanted, IReporter reporter)
    {
        DirectoryRanks ranks = new(rules, rules.RuleFor(layout.Windows), layout.Windows.Architecture);
        var infs = DriverCatalogue.FindInfs(source)
            .Select(inf => (Path: inf, Rank: ranks.Of(inf)))
            .Where(inf => inf.Rank is not null)
            .OrderBy(inf => inf.Rank).ThenBy(inf => inf.Path, StringComparer.OrdinalIgnoreCase);
        Dictionary<VirtioDevice, List<DevicePackageReader>> found = [];
        Dictionary<VirtioDevice, int> best = [];
        foreach ((string path, int? rank) in infs)
        {
            if (TryRead(source, path, layout, reporter) is not { } reader || !wanted.Contains(reader.Device)
                || ranks.IsOldDisplay(path, reader.ClassGuid) || (best.TryGetValue(reader.Device, out int known) && known != rank))
            {
                continue;
            }

            best[reader.Device] = rank!.Value;
            if (!found.TryGetValue(reader.Device, out List<DevicePackageReader>? list))
            {
                found[reader.Device] = list = [];
            }

            list.Add(reader);
        }

        return found;
    }

    /// <summary>An INF that is damaged says nothing of its device: it is told, and the others are looked at.</summary>
    private static DevicePackageReader? TryRead(DriverSource source, string infPath, WindowsLayout layout, IReporter reporter)
    {
        try
        {
            return new DevicePackageReader(source, infPath, layout);
        }
        catch (DiskFormatException exception)
        {
            reporter.Warning($"'{infPath}' is passed over: {exception.Message}");
            return null;
        }
    }

    /// <summary>Of several packages for one hardware id the one with a driver of its own, then the newest: fw_cfg has a package that only
    /// gives the device a name beside the real one, and Windows must not choose between them.</summary>
    private static IEnumerable<DevicePackageReader> WithoutRivals(List<DevicePackageReader> readers)
    {
        HashSet<string> served = new(StringComparer.OrdinalIgnoreCase);
        foreach (DevicePackageReader reader in readers.OrderByDescending(reader => reader.HasService).ThenByDescending(reader => reader.Version))
        {
            if (!reader.Ids.Any(served.Contains))
            {
                served.UnionWith(reader.Ids);
                yield return reader;
            }
        }
    }

    private static GuestItemNotFoundException NotInSource(VirtioDevice[] missing, WindowsVersion windows, DriverSource source)
    {
        IEnumerable<string> others = DriverCatalogue.FindInfs(source)
            .Select(inf => TryOffer(source, inf))
            .OfType<VirtioDriver>()
            .Where(driver => missing.Contains(driver.Device))
            .Select(driver => $"{driver.Device} in '{driver.InfPath}' ({string.Join(", ", driver.Architectures)}, Windows {string.Join(", ", driver.Systems)})");
        string[] named = [.. others.Take(8)];
        return new GuestItemNotFoundException(
            "DriverNotInSource",
            source.Path,
            $"'{source}' has no driver for {string.Join(", ", missing)} on {windows}{(named.Length == 0 ? "." : $"; it has: {string.Join("; ", named)}.")}",
            "Take a driver ISO that has it (older Windows needs an older ISO), or add a rule that names its directory.");
    }

    /// <summary>The error that this is for is another one than that of a damaged package.</summary>
    private static VirtioDriver? TryOffer(DriverSource source, string infPath)
    {
        try
        {
            return new OfferedDriverReader(source, infPath).Read();
        }
        catch (DiskFormatException)
        {
            return null;
        }
    }
}
