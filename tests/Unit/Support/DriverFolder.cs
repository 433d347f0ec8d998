using System.Text;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A driver source in the layout of the ISO: real INFs and catalogs, and stand-ins for the binaries.</summary>
internal sealed class DriverFolder(TempFolder folder, string os, string isoArchitecture, string machine)
{
    public string Path { get; } = Directory.CreateDirectory(folder.File("drivers")).FullName;

    /// <param name="name">viostor or vioscsi.</param>
    /// <param name="inf">Below virtio-drivers in the test data.</param>
    /// <param name="catalog">The same; null for a stand-in.</param>
    public DriverFolder Add(string name, string inf, string? catalog)
    {
        string package = Directory.CreateDirectory(System.IO.Path.Combine(Path, name, os, isoArchitecture)).FullName;
        string File(string extension) => System.IO.Path.Combine(package, $"{name}.{extension}");
        System.IO.File.WriteAllBytes(File("inf"), SharedData.Read($"virtio-drivers/{inf}"));
        System.IO.File.WriteAllBytes(
            File("cat"), catalog is null ? Encoding.ASCII.GetBytes("Stand-in for a catalogue") : SharedData.Read($"virtio-drivers/{catalog}"));
        ForeignTool.RunOk(
            "python3", System.IO.Path.Combine(Repository.Root, "tests", "Fixtures", "tools", "pe.py"), File("sys"), machine);
        return this;
    }
}
