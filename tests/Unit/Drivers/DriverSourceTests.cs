using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Drivers;

public sealed class DriverSourceTests
{
    private static string Text(DriverSource source, string path) =>
        global::System.Text.Encoding.ASCII.GetString(source.OpenFile(path).ReadAll(1 << 20, "X", path));

    private static void MakeTree(string root)
    {
        Directory.CreateDirectory(Path.Combine(root, "VioStor/W10/AMD64"));
        File.WriteAllText(Path.Combine(root, "VioStor/W10/AMD64/ViOsToR.InF"), "content");
        File.WriteAllText(Path.Combine(root, "readme.txt"), "read me");
    }

    private static void CheckTree(DriverSource source)
    {
        Assert.Equal("content", Text(source, "viostor/w10/amd64/viostor.inf"));
        Assert.Equal("content", Text(source, @"\VIOSTOR\w10\Amd64\VIOSTOR.INF"));
        Assert.Equal(7, source.Find("viostor/w10/amd64/viostor.inf")!.Length);
        Assert.True(source.Find("VIOSTOR/w10")!.IsDirectory);
        Assert.Null(source.Find("viostor/w11/amd64/viostor.inf"));
        Assert.Null(source.Find("readme.txt/below"));
        Assert.Equal(["readme.txt", "viostor"], source.List("/").Select(entry => entry.Name.ToLowerInvariant()).Order());
        Assert.Equal("GuestPathNotFound", Assert.Throws<GuestItemNotFoundException>(() => source.OpenFile("viostor")).ErrorId);
        Assert.Equal("GuestPathNotFound", Assert.Throws<GuestItemNotFoundException>(() => source.List("readme.txt")).ErrorId);
    }

    [Fact]
    public void A_folder_is_read_whatever_the_case_of_its_names()
    {
        using TempFolder folder = new();
        MakeTree(folder.Path);
        using DriverSource source = DriverSource.Open(folder.Path);

        CheckTree(source);
        Assert.Equal(folder.Path, source.Path);
    }

    [OracleFact("xorriso")]
    public void An_iso_is_read_whatever_the_case_of_its_names()
    {
        using TempFolder folder = new();
        MakeTree(folder.File("tree"));
        foreach (string names in new[] { "-J", "-l", "-R" })
        {
            string iso = folder.File($"drivers{names}.iso");
            ForeignTool.RunOk("xorriso", "-as", "mkisofs", "-quiet", names, "-o", iso, folder.File("tree"));
            using DriverSource source = DriverSource.Open(iso);
            CheckTree(source);
        }
    }

    [Fact]
    public void Links_inside_are_followed_and_links_outside_refused()
    {
        using TempFolder folder = new();
        string root = folder.File("root");
        MakeTree(root);
        File.WriteAllText(folder.File("secret"), "secret");
        File.CreateSymbolicLink(Path.Combine(root, "inside.inf"), "VioStor/W10/../W10/AMD64/ViOsToR.InF");
        Directory.CreateSymbolicLink(Path.Combine(root, "w10"), Path.Combine(root, "VioStor/W10"));
        File.CreateSymbolicLink(Path.Combine(root, "outside"), "../secret");
        Directory.CreateSymbolicLink(Path.Combine(root, "up"), "..");
        File.CreateSymbolicLink(Path.Combine(root, "hidden"), "up/secret");
        File.CreateSymbolicLink(Path.Combine(root, "circle"), "circle");
        File.CreateSymbolicLink(Path.Combine(root, "gone"), "nothing");
        Directory.CreateSymbolicLink(folder.File("alias"), root);
        using DriverSource source = DriverSource.Open(folder.File("alias"));

        Assert.Equal("content", Text(source, "inside.inf"));
        Assert.Equal("content", Text(source, "w10/amd64/viostor.inf"));
        Assert.Null(source.Find("gone"));
        foreach (string path in new[] { "outside", "up/secret", "hidden", "circle" })
        {
            Assert.Equal("DriverSourceLinkOutside", Assert.Throws<GuestStateException>(() => source.Find(path)).ErrorId);
        }
    }

    [Fact]
    public void What_is_neither_iso_nor_folder_is_refused()
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("noise.iso"), new byte[100_000]);
        File.WriteAllText(folder.File("short.iso"), "short");

        foreach (string name in new[] { "noise.iso", "short.iso", "missing.iso" })
        {
            Assert.Equal("DriverSourceInvalid", Assert.Throws<GuestItemNotFoundException>(() => DriverSource.Open(folder.File(name))).ErrorId);
        }

        Assert.Throws<GuestStateException>(() => { using DriverSource source = DriverSource.Open(folder.Path); source.Find("../x"); });
    }
}
