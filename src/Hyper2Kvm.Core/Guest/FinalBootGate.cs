using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Guest;

/// <summary>Keeps a machine on its bootstrap domain until its Windows can start from VirtIO.</summary>
public static class FinalBootGate
{
    /// <summary>Why the final domain would not start; null when nothing speaks against it.</summary>
    /// <param name="layout">What is known of the guest. It counts where the image cannot be read: it is elsewhere, or its guest runs.</param>
    /// <param name="imagePath">Full path of the image that the domain starts from. It is read anew, for the bootstrap boot changes it.</param>
    /// <param name="bus">Disk bus of the final domain.</param>
    /// <param name="plan">Names the driver, where the image is not read.</param>
    /// <param name="isRehearsal">The edits before were rehearsed: only the layout knows them.</param>
    /// <param name="reporter">Hears what is done.</param>
    /// <exception cref="Hyper2KvmException">The image is there, and cannot be read.</exception>
    public static string? Obstacle(
        WindowsLayout layout, string imagePath, StorageBus bus, VirtioDriverPlan? plan, bool isRehearsal, IReporter reporter)
    {
        if (!isRehearsal && Read(layout, imagePath, bus, reporter) is { } test)
        {
            return test.IsReady ? null : string.Join(
                " ", test.Checks.Where(check => check.Bus == bus && check is { IsRequired: true, Passed: false })
                    .Select(check => $"{check.Evidence}. {check.Remedy}").Distinct().Take(3));
        }

        string driver = plan?.Bus == bus && plan.Storage.Count > 0 ? plan.Storage[0].Service.Name : bus == StorageBus.VirtioBlk ? "viostor" : "vioscsi";
        return layout.BootReadyDrivers.Contains(driver, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"{driver} is not registered as it must be. Run Add-BootStartStorage and Set-CriticalDeviceDatabase.";
    }

    private static VirtioReadinessTest? Read(WindowsLayout layout, string imagePath, StorageBus bus, IReporter reporter)
    {
        if (!File.Exists(imagePath))
        {
            return null;
        }

        try
        {
            return VirtioReadinessReader.Test(imagePath, layout.WindowsPartition.Number, bus, null, reporter);
        }
        catch (GuestStateException inUse) when (inUse.ErrorId == "ImageInUse")
        {
            reporter.Verbose($"{inUse.Message} What is known of it from before counts.");
            return null;
        }
    }
}
