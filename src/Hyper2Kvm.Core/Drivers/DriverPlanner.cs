using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>Chooses the drivers for a guest and reads everything about them that an offline installation needs.</summary>
public static class DriverPlanner
{
    /// <param name="layout">The guest; its build, product type and architecture decide.</param>
    /// <param name="imagePath">The image that the next step edits.</param>
    /// <param name="source">ISO or folder.</param>
    /// <param name="rules">The default rules, possibly with a user's laid over them.</param>
    /// <param name="bus">Disk bus of the final domain. Its driver must be there; the other bus's is planned too where it is there, so
    /// that the bus can be changed later.</param>
    /// <param name="allowUnsigned">Take drivers that this Windows does not load because of their signature, with a warning.</param>
    /// <param name="reporter">Told what is chosen, and every warning.</param>
    /// <exception cref="GuestItemNotFoundException"><c>DriverRuleNotFound</c>: no rule fits this Windows. <c>DriverNotInSource</c>: the
    /// source has no driver for it.</exception>
    /// <exception cref="GuestStateException"><c>InfContradictsRules</c>: the package is not what the rules take it for.
    /// <c>DriverSignatureRefused</c>: this Windows will not load the driver.</exception>
    /// <exception cref="DiskFormatException">The package is damaged.</exception>
    public static VirtioDriverPlan Plan(
        WindowsLayout layout, string imagePath, DriverSource source, DriverRules rules, StorageBus bus, bool allowUnsigned, IReporter reporter)
    {
        WindowsVersion windows = layout.Windows;
        DriverRule rule = rules.RuleFor(windows);
        reporter.Verbose($"{windows}: driver rule '{rule}'.");
        DriverFinder finder = new(source, rules, rule, windows.Architecture);
        DriverLocation location = finder.Find(bus) ?? throw NotInSource(finder, bus, windows, source);
        List<string> warnings = [];
        PlannedDriver chosen = Read(location, source, layout, warnings, reporter);
        if (chosen.SignatureObstacle is not null && !allowUnsigned)
        {
            throw SignatureRules.Refused(chosen, chosen.Service.BinaryName, startsAtBoot: true, windows, source);
        }

        List<PlannedDriver> storage = [chosen];

        StorageBus other = bus == StorageBus.VirtioBlk ? StorageBus.VirtioScsi : StorageBus.VirtioBlk;
        if (finder.Find(other) is { } second)
        {
            AddOther(storage, Read(second, source, layout, warnings, reporter), allowUnsigned, warnings);
        }
        else
        {
            warnings.Add($"'{source}' has no driver for {Name(other)} on {windows}: the guest will start from {Name(bus)} only. New-KvmDomainXml chooses that; a newer driver ISO may have both.");
        }

        warnings.AddRange(storage.Where(driver => driver.SignatureObstacle is not null).Select(driver =>
            $"{driver}: {windows} does not load it ({driver.SignatureObstacle}) and stops with 0xC0000428; it was asked for with -AllowUnsignedDriver."));
        warnings.ForEach(reporter.Warning);
        return new VirtioDriverPlan
        {
            Layout = layout,
            ImagePath = imagePath,
            Bus = bus,
            Storage = storage,
            AllowsUnsignedDrivers = allowUnsigned,
            Source = source.Path,
            MatchedRule = location.IsFallback ? $"{rule} ({location.Directory})" : rule.Name,
            Warnings = warnings,
        };
    }

    private static PlannedDriver Read(
        DriverLocation location, DriverSource source, WindowsLayout layout, List<string> warnings, IReporter reporter)
    {
        DriverPackageReader package = new(source, location, layout);
        PlannedDriver driver = package.Read();
        warnings.AddRange(package.Warnings);
        reporter.Verbose($"Driver {driver} from '{location.Directory}' in '{source}'.");
        return driver;
    }

    /// <summary>The driver of the bus that is not used yet. One that the loader refuses would stop Windows even without its device.</summary>
    private static void AddOther(List<PlannedDriver> storage, PlannedDriver driver, bool allowUnsigned, List<string> warnings)
    {
        if (driver.SignatureObstacle is null || allowUnsigned)
        {
            storage.Add(driver);
        }
        else
        {
            warnings.Add($"{driver} is left out, for this Windows does not load it ({driver.SignatureObstacle}). Get-VirtioDriver shows which drivers the source has, and how they are signed.");
        }
    }

    private static GuestItemNotFoundException NotInSource(DriverFinder finder, StorageBus bus, WindowsVersion windows, DriverSource source) => new(
        "DriverNotInSource",
        source.Path,
        $"'{source}' has no driver for {Name(bus)} on {windows}: looked for {finder.Describe(bus)}.",
        "Take a driver ISO that has it (older Windows needs an older ISO), or add a rule that names its directory.");

    private static string Name(StorageBus bus) => bus == StorageBus.VirtioBlk ? "virtio-blk" : "virtio-scsi";
}
