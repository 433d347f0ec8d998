using System.Globalization;
using Hyper2Kvm.Images.Ova;

namespace Hyper2Kvm.Browsing;

/// <summary>What a drive shows: an image, <c>win2022.vmdk</c>, one of its partitions, <c>win2022.vmdk/partition1</c>, or the list of them,
/// <c>win2022.vmdk/partitions</c>.</summary>
/// <param name="Image">Path of the image.</param>
/// <param name="Partition">Number of the partition, or null.</param>
/// <param name="ListsPartitions">The root is the list of partitions.</param>
public sealed record BrowseRoot(string Image, int? Partition, bool ListsPartitions)
{
    private const string Prefix = "partition";

    /// <param name="path">Full path on the host. An existing file of that very name is always an image.</param>
    public static BrowseRoot Parse(string path)
    {
        string last = Path.GetFileName(path);
        if (File.Exists(path) || !last.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            || Path.GetDirectoryName(path) is not { Length: > 0 } image || !OvaPath.Exists(image))
        {
            return new BrowseRoot(path, null, false);
        }

        string which = last[Prefix.Length..];
        return which.Equals("s", StringComparison.OrdinalIgnoreCase) ? new BrowseRoot(image, null, true)
            : int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? new BrowseRoot(image, number, false)
            : new BrowseRoot(path, null, false);
    }
}
