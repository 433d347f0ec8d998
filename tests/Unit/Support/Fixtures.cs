namespace Hyper2Kvm.Unit.Support;

/// <summary>The small guests of <c>tests/Fixtures</c>. Tests only read them; what edits works on a copy (<see cref="Copy"/>).</summary>
internal static class Fixtures
{
    /// <summary>A Windows Server 2022 on GPT and UEFI: stream-optimized VMDK, 128 MiB. See its README for the story it tells.</summary>
    public static string SampleDisk { get; } = PathOf("sample-win2022/sample-win2022.vmdk");

    /// <summary>A driver ISO in the layout of virtio-win with stand-in binaries.</summary>
    public static string SampleDriverIso { get; } = PathOf("sample-virtio-win/sample-virtio-win.iso");

    /// <summary>Windows 7 x64 on MBR and BIOS.</summary>
    public static string Windows7Disk { get; } = Variant("win7-bios");

    /// <summary>The names that <see cref="Variant"/> takes.</summary>
    public static IReadOnlyList<string> VariantNames { get; } =
        [.. Directory.EnumerateFiles(PathOf("variants")).Where(IsDisk).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    /// <summary>A guest of <c>tests/Fixtures/variants</c>, for example <c>hibernated</c>; its README lists them.</summary>
    public static string Variant(string name) =>
        new[] { ".qcow2", ".vmdk" }.Select(extension => PathOf($"variants/{name}{extension}")).FirstOrDefault(File.Exists)
        ?? throw new ArgumentException($"There is no variant '{name}'.", nameof(name));

    /// <summary>Copies a disk with all it needs into a folder of the test's own; its place is returned.</summary>
    public static string Copy(string disk, TempFolder folder)
    {
        // An overlay names its backing file as ../sample-win2022/sample-win2022.vmdk.
        string target = CopyInto(disk, folder);
        if (disk.EndsWith(".qcow2", StringComparison.Ordinal))
        {
            CopyInto(SampleDisk, folder);
        }

        return target;
    }

    private static string CopyInto(string disk, TempFolder folder)
    {
        string parent = Path.GetFileName(Path.GetDirectoryName(disk)!);
        string target = Path.Combine(Directory.CreateDirectory(folder.File(parent)).FullName, Path.GetFileName(disk));
        File.Copy(disk, target);
        return target;
    }

    private static bool IsDisk(string file) => Path.GetExtension(file) is ".qcow2" or ".vmdk";

    private static string PathOf(string relativePath) => Path.Combine(Repository.Root, "tests", "Fixtures", relativePath);
}
