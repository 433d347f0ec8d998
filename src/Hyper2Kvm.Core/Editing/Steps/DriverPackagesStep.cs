using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing.Actions;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Puts packages where Windows' own PnP finds them when it meets the devices: it makes services and device nodes itself.</summary>
internal sealed class DriverPackagesStep(DriverPackagesAction action) : IEditStep
{
    /// <summary>One folder a package: two may bring another version of a file of one name.</summary>
    private const string DevicePathFolder = @"Drivers\VirtIO";

    public void Apply(EditableGuest guest)
    {
        using DriverSource source = DriverSource.Open(action.Source);
        foreach (PlannedPackage package in action.Packages)
        {
            IReadOnlyDictionary<string, byte[]> files = DriverFiles.Read(source, package);

            // Windows looks into its store first. What DevicePath names is found by every Windows, whatever it thinks of an entry that it did not make.
            DriverStore.AddToDevicePath(guest, $@"{DevicePathFolder}\{package.Name}", files);
            if (guest.Layout.HasDriverDatabase)
            {
                Store(guest, package, files);
            }
        }
    }

    private static void Store(EditableGuest guest, PlannedPackage package, IReadOnlyDictionary<string, byte[]> files)
    {
        (string label, string published) = DriverStore.AddFiles(guest, package, files);
        DriverDatabaseNode.For(guest, package.ClassGuid).Register(package, label, published);
    }
}
