using System.Globalization;
using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Editing;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Drivers;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A raw disk with a Windows of any generation, out of the sample guest that binds its boot devices in the same way.</summary>
internal static class GenerationGuest
{
    private const string CurrentVersion = @"Microsoft\Windows NT\CurrentVersion";

    private static readonly DateTime s_now = new(2024, 1, 17, 0, 0, 0, DateTimeKind.Utc);

    /// <param name="system">A SYSTEM hive to take in place of the sample's.</param>
    /// <param name="edit">What is different in this guest.</param>
    /// <returns>Its path in the folder.</returns>
    public static string Make(TempFolder folder, Generation generation, byte[]? system = null, Action<EditableGuest>? edit = null)
    {
        using DiskImage image = ImageDetector.Open(generation.HasDriverDatabase ? Fixtures.SampleDisk : Fixtures.Windows7Disk);
        OverlayBlockDevice disk = new(image);
        EditableGuest guest = Open(image, disk);
        SetVersion(guest.Software.Hive.Find(CurrentVersion)!, generation);
        SetPrograms(guest, generation);
        if (system is null)
        {
            SetProduct(guest, generation);
        }
        else
        {
            guest.Windows.WriteFile(new GuestPath(@"\Windows\System32\config\SYSTEM"), system);
        }

        edit?.Invoke(guest);
        guest.Complete();
        string path = folder.File("guest.raw");
        byte[] bytes = new byte[disk.Length];
        disk.Read(0, bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static bool HasHive(string path, string name)
    {
        using DiskImage image = ImageDetector.Open(path);
        return Open(image, new OverlayBlockDevice(image)).Windows.Files.Find(new GuestPath($@"\Windows\System32\config\{name}")) is not null;
    }

    /// <summary>The bytes of a hive as they lie on a disk.</summary>
    public static byte[] Hive(string path, string name)
    {
        using DiskImage image = ImageDetector.Open(path);
        return Open(image, new OverlayBlockDevice(image)).Windows.ReadFile(new GuestPath($@"\Windows\System32\config\{name}"));
    }

    private static EditableGuest Open(DiskImage image, OverlayBlockDevice disk) =>
        EditableGuest.Open(disk, LayoutProbe.Probe(image, disk, null), new ChangeRecorder(), s_now);

    private static void SetVersion(HiveKey key, Generation generation)
    {
        string build = generation.Build.ToString(CultureInfo.InvariantCulture);
        Text(key, "CurrentBuild", build);
        Text(key, "CurrentBuildNumber", build);
        Text(key, "ProductName", generation.Row);
        bool isTen = generation.Version.Major == 10;
        Text(key, "CurrentVersion", isTen ? "6.3" : generation.Version.ToString());
        if (!isTen)
        {
            key.DeleteValue("CurrentMajorVersionNumber", s_now);
            key.DeleteValue("CurrentMinorVersionNumber", s_now);
        }

        if (generation.Version.Major == 5)
        {
            key.DeleteValue("InstallationType", s_now);
        }
        else
        {
            Text(key, "InstallationType", generation.IsServer ? "Server" : "Client");
        }
    }

    private static void SetProduct(EditableGuest guest, Generation generation)
    {
        foreach (string set in guest.Layout.ControlSets)
        {
            HiveKey control = guest.System.Hive.Find($@"{set}\Control")!;
            Text(control.Find("ProductOptions")!, "ProductType", generation.IsServer ? "ServerNT" : "WinNT");
        }
    }

    private static void SetPrograms(EditableGuest guest, Generation generation)
    {
        byte[] program = new byte[4096];
        SampleDrivers.Binary(generation.Machine).CopyTo(program, 0);
        foreach (GuestPath folder in (GuestPath[])[guest.System32, guest.System32 / "drivers"])
        {
            foreach (GuestEntry file in guest.Windows.Files.List(folder).Where(file => Path.GetExtension(file.Name) is ".exe" or ".sys" or ".dll").ToArray())
            {
                guest.Windows.WriteFile(folder / file.Name, program);
            }
        }
    }

    private static void Text(HiveKey key, string name, string value) =>
        key.SetValue(name, HiveValueType.String, Encoding.Unicode.GetBytes(value + '\0'), s_now);
}
