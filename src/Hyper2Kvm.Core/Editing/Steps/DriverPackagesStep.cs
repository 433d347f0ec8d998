using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Registry;

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
            if (guest.Layout.HasDriverDatabase)
            {
                Store(guest, package, files);
            }
            else
            {
                DriverStore.AddToDevicePath(guest, $@"{DevicePathFolder}\{package.Name}", files);
            }
        }
    }

    private static void Store(EditableGuest guest, PlannedPackage package, IReadOnlyDictionary<string, byte[]> files)
    {
        string published = PublishedInf.NameFor(guest, package, files[package.InfName]);
        if (LabelOf(guest, published) is { } other && !other.Equals(package.PackageLabel, StringComparison.OrdinalIgnoreCase))
        {
            // This very INF is in the store already, imported by Windows under a label of its own.
            return;
        }

        DriverStore.AddFiles(guest, package, package.PackageLabel, files, published);
        DriverDatabaseNode.For(guest, package.ClassGuid).Register(package, package.PackageLabel, published);
    }

    /// <summary>The directory in the driver store that a published INF belongs to; null where none does.</summary>
    private static string? LabelOf(EditableGuest guest, string published)
    {
        Hive?[] nodes = [guest.System.Hive, guest.Drivers];
        return nodes.Select(node => node?.Find($@"{DriverDatabaseNode.Root}\DriverInfFiles\{published}")?.GetValue("Active")?.AsString())
            .FirstOrDefault(label => label is { Length: > 0 });
    }
}
