using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Puts packages where Windows keeps them: from Windows 8 on into the driver store, whose index is in the registry; before, that index is
/// a set of opaque files, so the package goes into a folder that DevicePath names, and Windows imports it from there when it meets the device.</summary>
internal static class DriverStore
{
    private const string CatalogFolder = "{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
    private const string DevicePathKey = @"Microsoft\Windows\CurrentVersion";

    /// <summary>The files of a package in the driver store, its INF and catalog under their published names.</summary>
    /// <returns>Its directory there, and its <c>oemN.inf</c>.</returns>
    public static (string Label, string PublishedInf) AddFiles(EditableGuest guest, PlannedPackage package, IReadOnlyDictionary<string, byte[]> files)
    {
        string publishedInf = PublishedInf.NameFor(guest, package, files[package.InfName]);
        string label = DriverDatabaseNode.LabelOf(guest, package, publishedInf);
        GuestPath folder = guest.System32 / "DriverStore" / "FileRepository" / label;
        foreach ((string name, byte[] content) in files)
        {
            guest.Windows.WriteFile(folder / name, content);
        }

        guest.Windows.WriteFile(guest.WindowsRoot / "INF" / publishedInf, files[package.InfName]);
        if (package.CatalogName is { } catalog)
        {
            string published = publishedInf[..^4] + ".cat";
            guest.Windows.WriteFile(guest.System32 / "CatRoot" / CatalogFolder / published, files[catalog]);
        }

        return (label, publishedInf);
    }

    /// <summary>The files of a package in a folder that DevicePath names.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="folder">Below WindowsRoot.</param>
    /// <param name="files">By their names in the package.</param>
    public static void AddToDevicePath(EditableGuest guest, string folder, IReadOnlyDictionary<string, byte[]> files)
    {
        foreach ((string name, byte[] content) in files)
        {
            guest.Windows.WriteFile(guest.WindowsRoot / folder / name, content);
        }

        string entry = $@"%SystemRoot%\{folder}";
        string old = guest.Software.Hive.Find(DevicePathKey)?.GetValue("DevicePath")?.AsString() ?? @"%SystemRoot%\inf";
        if (!old.Split(';').Contains(entry, StringComparer.OrdinalIgnoreCase))
        {
            guest.Software.SetExpandString(DevicePathKey, "DevicePath", $"{old};{entry}");
        }
    }
}
