using System.Globalization;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Fat;

/// <summary>FAT volumes that dosfstools makes and mtools fills.</summary>
internal static class FatImage
{
    /// <param name="file">The image, made new.</param>
    /// <param name="kib">Size in KiB.</param>
    /// <param name="options">More for mkfs.fat.</param>
    public static void Make(string file, int kib, params string[] options) =>
        ForeignTool.RunOk("mkfs.fat", [.. options, "-C", file, kib.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Copies the content of a folder into the root directory.</summary>
    public static void Fill(string file, string folder) =>
        ForeignTool.RunOk("mcopy", ["-s", "-i", file, .. Directory.GetFileSystemEntries(folder), "::/"]);

    /// <summary>The tree as mtools sees it.</summary>
    public static SortedDictionary<string, byte[]?> Read(string file)
    {
        using TempFolder folder = new();
        ForeignTool.RunOk("mcopy", "-s", "-n", "-i", file, "::/*", folder.Path);
        return Tree.ReadFolder(folder.Path);
    }

    /// <summary>fsck.fat finds nothing wrong.</summary>
    public static void Check(string file) => ForeignTool.RunOk("fsck.fat", "-n", file);

    /// <summary>A folder tree with all kinds of names and sizes.</summary>
    public static void MakeFolder(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "EFI", "Microsoft", "Boot", "en-US"));
        Directory.CreateDirectory(Path.Combine(folder, "A rather long folder name with spaces", "deeper", "x.y.z"));
        Directory.CreateDirectory(Path.Combine(folder, "many"));
        Random random = new(42);
        foreach ((string name, int size) in new[]
        {
            ("EFI/Microsoft/Boot/bootmgfw.efi", 70_001), ("EFI/Microsoft/Boot/BCD", 32_768), ("EFI/Microsoft/Boot/en-US/bootmgfw.efi.mui", 513),
            ("empty", 0), ("one", 1), ("UPPER.TXT", 512), ("lower.txt", 511), ("Mixed.Txt", 4096), ("no_extension_at_all_here", 3),
            ("A rather long folder name with spaces/deeper/x.y.z/.hidden file", 100), ("Größe-名前.bin", 2049),
            (new string('n', 250) + ".txt", 7),
        })
        {
            byte[] content = new byte[size];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(folder, name), content);
        }

        for (int i = 0; i < 150; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, "many", $"file number {i}.dat"), [(byte)i]);
        }
    }
}
