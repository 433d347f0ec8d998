using System.Text;
using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Unit.Support;

/// <summary>The sample guest, in which everything that has a name is called <see cref="Evil"/>.</summary>
internal static class HostileGuest
{
    /// <summary>Leads out of folders, talks to terminals and shells, breaks lines, ends markup, turns the direction of writing.</summary>
    public const string Evil = "..\\..\\../../evil\u001B]0;x\u0007\r\n\u009B31m</name>]]>&\"'`$(touch evil)%n{0}\u2028\u202E\uD800";

    private const string NetworkClass = "{4d36e972-e325-11ce-bfc1-08002be10318}";

    private static readonly DateTime s_now = new(2024, 1, 17, 0, 0, 0, DateTimeKind.Utc);
    private static readonly byte[] s_evil = Encoding.Unicode.GetBytes(Evil + "\0");

    /// <returns>Path of a raw disk in the folder.</returns>
    public static string Make(TempFolder folder)
    {
        string path = folder.File("guest.raw");
        using DiskImage image = ImageDetector.Open(Fixtures.SampleDisk);
        OverlayBlockDevice disk = new(image);
        WindowsLayout layout = LayoutProbe.Probe(image, disk, null);
        EditableGuest guest = EditableGuest.Open(disk, layout, new ChangeRecorder(), s_now);
        foreach (string controlSet in layout.ControlSets)
        {
            Name(guest.System.Hive.Find(controlSet)!);
        }

        Rename(guest.Software.Hive.Find(@"Microsoft\Windows NT\CurrentVersion")!, "ProductName", "EditionID", "DisplayVersion", "ReleaseId");
        RenameBelow(guest.Software.Hive.Find(@"Microsoft\Windows NT\CurrentVersion\NetworkList"), "ProfileName");
        Hive store = guest.Volume(layout.BootPartition!).OpenHive(layout.BcdPath!, "BCD").Hive;
        foreach (HiveKey item in store.Find("Objects")!.Subkeys)
        {
            if (item.Find($@"Elements\{BcdElementTypes.Description:x8}") is { } description)
            {
                Rename(description, "Element");
            }
        }

        guest.Complete();
        byte[] bytes = new byte[disk.Length];
        disk.Read(0, bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void Name(HiveKey controlSet)
    {
        Rename(controlSet.Find(@"Services\Tcpip\Parameters"), "Hostname", "NV Hostname", "Domain", "NV Domain", "SearchList");
        Rename(controlSet.Find(@"Control\ComputerName\ComputerName"), "ComputerName");
        foreach (HiveKey adapter in controlSet.Find(@"Services\Tcpip\Parameters\Interfaces")?.Subkeys ?? [])
        {
            Rename(controlSet.Create($@"Control\Network\{NetworkClass}\{adapter.Name}\Connection", s_now), "Name");
        }

        RenameBelow(controlSet.Find($@"Control\Class\{NetworkClass}"), "DriverDesc");
        RenameBelow(controlSet.Find(@"Services\Tcpip\Parameters\Interfaces"), "Domain", "NameServer");
    }

    private static void RenameBelow(HiveKey? key, params string[] values)
    {
        foreach (HiveKey child in key?.Subkeys ?? [])
        {
            foreach (string value in values.Where(value => child.GetValue(value) is not null))
            {
                Rename(child, value);
            }

            RenameBelow(child, values);
        }
    }

    private static void Rename(HiveKey? key, params string[] values)
    {
        foreach (string value in values)
        {
            key?.SetValue(value, HiveValueType.String, s_evil, s_now);
        }
    }
}
