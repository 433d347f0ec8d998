using Hyper2Kvm.Blocks;
using Hyper2Kvm.Browsing;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Browsing;

/// <summary>The sample guest with something changed, as a drive opens it.</summary>
internal static class BrowsedGuest
{
    public static readonly DateTime Time = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    /// <returns>Path of a raw disk in the folder.</returns>
    public static string Make(TempFolder folder, Action<EditableGuest> change)
    {
        using DiskImage image = ImageDetector.Open(Fixtures.SampleDisk);
        OverlayBlockDevice disk = new(image);
        EditableGuest guest = EditableGuest.Open(disk, LayoutProbe.Probe(image, disk, null), new ChangeRecorder(), Time);
        change(guest);
        guest.Complete();
        byte[] bytes = new byte[disk.Length];
        disk.Read(0, bytes);
        string path = folder.File("guest.raw");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static string[] NamesIn(IGuestTree tree, string path) => [.. tree.Children(path).Select(node => node.Name)];
}
