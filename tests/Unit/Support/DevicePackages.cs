using System.Text;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Unit.Drivers;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A driver source in the layout of the ISO with packages that are no storage: made INFs, or real ones with stand-ins for what they name.</summary>
internal sealed class DevicePackages
{
    public const string Net = "{4d36e972-e325-11ce-bfc1-08002be10318}";
    public const string Display = "{4d36e968-e325-11ce-bfc1-08002be10318}";
    public const string System = "{4d36e97d-e325-11ce-bfc1-08002be10318}";

    public DevicePackages(TempFolder folder) => Root = Directory.CreateDirectory(folder.File("devices")).FullName;

    public string Root { get; }

    public IReadOnlyList<PlannedPackage> Plan(WindowsLayout layout, params VirtioDevice[] devices)
    {
        using DriverSource source = DriverSource.Open(Root);
        return DevicePlanner.Plan(layout, source, SampleDrivers.DefaultRules, devices, allowUnsigned: true, Diagnostics.SilentReporter.Instance);
    }

    /// <summary>A made package: a driver, and a helper in a folder of its own as WDF's co-installers have it.</summary>
    /// <param name="directory">Below the root, with forward slashes.</param>
    /// <param name="name">Of INF, driver and service.</param>
    /// <param name="decoration">NTamd64.10.0.</param>
    /// <param name="machine">Of the driver.</param>
    /// <param name="device">PCI device id.</param>
    /// <param name="setupClass">Class GUID.</param>
    /// <param name="hasService">Else it only gives the device a name.</param>
    /// <param name="version">DriverVer.</param>
    /// <param name="driver">Where the driver lies in the package, with forward slashes; beside the INF under its own name by default.</param>
    public DevicePackages Add(
        string directory, string name, string decoration, ushort machine, string device, string setupClass = System, bool hasService = true, string version = "100.1.104.1",
        string? driver = null)
    {
        string package = Directory.CreateDirectory(Path.Combine(Root, directory)).FullName;
        string source = driver ?? $"{name}.sys";
        File.WriteAllText(Path.Combine(package, $"{name}.inf"), Inf(name, decoration, device, setupClass, hasService, version, source), Encoding.ASCII);
        File.WriteAllText(Path.Combine(package, $"{name}.cat"), "catalog");
        if (hasService)
        {
            string binary = Path.Combine(package, source);
            Directory.CreateDirectory(Path.GetDirectoryName(binary)!);
            File.WriteAllBytes(binary, SampleDrivers.Binary(machine));
            Directory.CreateDirectory(Path.Combine(package, "helper"));
            File.WriteAllText(Path.Combine(package, "helper", "setup.dll"), $"helper of {name}");
        }

        return this;
    }

    /// <summary>A real INF with its catalog; stand-ins for the files that it names.</summary>
    /// <param name="directory">Below the root.</param>
    /// <param name="inf">Below virtio-drivers in the test data.</param>
    /// <param name="machine">Of the drivers.</param>
    /// <param name="files">Those that the INF names.</param>
    public DevicePackages AddReal(string directory, string inf, ushort machine, params string[] files)
    {
        string package = Directory.CreateDirectory(Path.Combine(Root, directory)).FullName;
        foreach (string file in (string[])[inf, Path.ChangeExtension(inf, ".cat")])
        {
            File.WriteAllBytes(Path.Combine(package, Path.GetFileName(file)), SharedData.Read($"virtio-drivers/{file}"));
        }

        foreach (string file in files)
        {
            File.WriteAllBytes(Path.Combine(package, file), SampleDrivers.Binary(machine));
        }

        return this;
    }

    private static string Inf(string name, string decoration, string device, string setupClass, bool hasService, string version, string source) => $"""
        [Version]
        Signature = "$Windows NT$"
        Class = {(setupClass == Net ? "Net" : setupClass == Display ? "Display" : "System")}
        ClassGUID = {setupClass}
        Provider = %Maker%
        DriverVer = 03/04/2024,{version}
        CatalogFile = {name}.cat

        [Manufacturer]
        %Maker% = Models,{decoration}

        [Models.{decoration}]
        %Device% = Install, PCI\VEN_1AF4&DEV_{device}&SUBSYS_11001AF4&REV_01, PCI\VEN_1AF4&DEV_{device}

        [DestinationDirs]
        Driver = 12
        Helper = 11

        [SourceDisksNames]
        1 = "Disk"

        [SourceDisksFiles]
        {Path.GetFileName(source)} = 1,{Path.GetDirectoryName(source)}
        setup.dll = 1,helper

        [Install]
        {(hasService ? "CopyFiles = Driver" : "")}

        [Install.CoInstallers]
        {(hasService ? "CopyFiles = Helper" : "")}

        [Driver]
        {name}.sys,{Path.GetFileName(source)}

        [Helper]
        setup.dll

        [Install.Services]
        AddService = {(hasService ? $"{name}, 2, Service" : ", 2")}

        [Service]
        ServiceType = 1
        StartType = 3
        ErrorControl = 1
        ServiceBinary = %12%\{name}.sys

        [Strings]
        Maker = "Hyper2Kvm samples"
        Device = "Device of {name}"

        """;
}
