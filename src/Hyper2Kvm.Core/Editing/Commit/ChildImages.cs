using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Looks for images that stand on another: what they show would be nonsense after a change beneath them.</summary>
/// <remarks>Only the folder of the image is looked at, where snapshots and overlays of ours are; nobody can know of others.</remarks>
internal static class ChildImages
{
    /// <summary>With what a format begins that can stand on another.</summary>
    private static readonly string[] s_magics = ["QFI\u00fb", "KDMV", "# Disk DescriptorFile", "vhdxfile", "conectix"];

    /// <exception cref="GuestStateException"><c>ImageHasChildren</c></exception>
    public static void Refuse(DiskImage image)
    {
        string[] own = [.. image.Files.Select(file => RealPath.Of(file) ?? file)];
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(RealPath.Of(image.Path) ?? image.Path)!))
        {
            if (!own.Contains(file, StringComparer.OrdinalIgnoreCase) && StandsOn(file, image.Path))
            {
                throw new GuestStateException(
                    "ImageHasChildren", image.Path, $"'{file}' stands on '{image.Path}', and would not be that disk any more after a change of it.",
                    "Edit the image on top of it instead; an overlay that an edit made is taken away by Undo-GuestEdit.");
            }
        }
    }

    private static bool StandsOn(string file, string image)
    {
        try
        {
            if (!MayHaveParent(file))
            {
                return false;
            }

            using DiskImage child = ImageDetector.Open(file);
            return child.Files.Skip(1).Any(beneath => RealPath.MayBeSame(beneath, image));
        }
        catch (DiskFormatException damage)
        {
            // Its parent has changed already: such a child is lost whatever is done now.
            return damage.ErrorId != "BackingFileChanged" && damage.Message.Contains(image, StringComparison.Ordinal);
        }
        catch (Hyper2KvmException)
        {
            return false; // no disk, or not one that can be opened even today
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool MayHaveParent(string file)
    {
        using FileBlockDevice device = new(file);
        byte[] head = new byte[Math.Min(32, device.Length)];
        device.Read(0, head);
        string text = Encoding.Latin1.GetString(head);
        return s_magics.Any(magic => text.StartsWith(magic, StringComparison.Ordinal));
    }
}
