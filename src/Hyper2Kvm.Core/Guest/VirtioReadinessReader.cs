using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Images;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Judges whether a disk is VirtIO boot-ready. Changes nothing.</summary>
public static class VirtioReadinessReader
{
    /// <param name="imagePath">Full path of the image.</param>
    /// <param name="partition">Partition number of the Windows that is meant; null when there is only one.</param>
    /// <param name="bus">The disk bus that is meant; null: that of the plan, else any.</param>
    /// <param name="plan">Carried on in the result.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <exception cref="Hyper2KvmException">The disk itself cannot be read.</exception>
    public static VirtioReadinessTest Test(string imagePath, int? partition, StorageBus? bus, VirtioDriverPlan? plan, IReporter reporter)
    {
        reporter.Verbose($"Opening '{imagePath}' read-only.");
        using DiskImage image = ImageDetector.Open(imagePath);
        WindowsLayout layout = LayoutProbe.Probe(image, image, partition);
        WindowsInstallation windows = WindowsFinder.Find(GuestDisk.Open(image), layout.WindowsPartition.Number, image.Path);
        GuestPath path = HiveLocator.PathOf(windows, HiveLocator.System);
        Hive system = HiveLocator.Open(windows.FileSystem, path);
        SystemHiveFacts facts = SystemHiveFacts.Read(system, path.ToString());
        VirtioReadiness readiness = new(system, facts, layout.Windows, windows.FileSystem, windows.Root);
        IReadOnlyList<ReadinessCheck> checks = [.. readiness.Checks(), .. readiness.LogChecks()];
        return new VirtioReadinessTest
        {
            Layout = layout,
            Plan = plan,
            ImagePath = imagePath,
            Bus = bus ?? plan?.Bus,
            ReadyDrivers = VirtioReadiness.ReadyDrivers(checks),
            Checks = checks,
        };
    }
}
