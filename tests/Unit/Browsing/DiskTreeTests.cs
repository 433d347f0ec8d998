using System.Runtime.InteropServices;
using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Browsing;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Browsing;

public class DiskTreeTests
{
    private const string Folder = @"\Windows\System32\drivers";
    private const uint ReparsePoint = 0x400;

    [Fact]
    public void What_is_listed_is_what_is_found_and_leads_on()
    {
        using DiskTree tree = DiskTree.Open(new BrowseRoot(Fixtures.SampleDisk, null, false));
        int files = 0;
        Walk("");
        Assert.True(files > 20);

        void Walk(string path)
        {
            foreach (GuestNode node in tree.Children(path))
            {
                string below = $"{path}/{node.Name}";
                Assert.Equal(node, tree.Find(below));
                Assert.Equal(below.Replace('/', '\\'), ((WindowsItem)node.Item!).FullName);
                if (node.IsContainer)
                {
                    Walk(below);
                }
                else
                {
                    using Stream content = tree.OpenRead(below);
                    Assert.Equal(((WindowsItem)node.Item!).Length, content.Length);
                    files++;
                }
            }
        }
    }

    [Theory]
    [InlineData(@"\Windows\nothing")]
    [InlineData(@"\Windows\..\Windows")]
    [InlineData(@"\Windows\System32\config\SYSTEM:stream")]
    [InlineData(@"\Windows\System32\config\SYSTEM\below")]
    [InlineData("\\Windows\\a\u001Bb")]
    public void What_is_not_there_or_cannot_be_a_name_is_not_there(string path)
    {
        using DiskTree tree = DiskTree.Open(new BrowseRoot(Fixtures.SampleDisk, null, false));
        Assert.Null(tree.Find(path));
        Assert.Equal("GuestPathNotFound", Assert.Throws<GuestItemNotFoundException>(() => tree.Children(path).Count()).ErrorId);
        Assert.Equal("GuestPathNotFound", Assert.Throws<GuestItemNotFoundException>(() => tree.OpenRead(path)).ErrorId);
    }

    /// <summary>A junction as it lies on the disk is a folder with this attribute; where it leads plays no part.</summary>
    [Fact]
    public void A_link_is_shown_and_never_followed()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        disk.Ntfs(patch => patch.Record(Folder, record =>
        {
            Span<byte> information = NtfsPatch.Value(record, AttributeType.StandardInformation);
            Le.U32(information, 0x20, Le.U32(information, 0x20) | ReparsePoint);
        }));
        using DiskTree tree = Open(disk);

        GuestNode link = Assert.Single(tree.Children(@"\Windows\System32"), node => node.Name == "drivers");
        Assert.False(link.IsContainer);
        Assert.Equal('l', ((WindowsItem)link.Item!).Mode[0]);
        Assert.Equal(link, tree.Find(Folder));
        Assert.Null(tree.Find($@"{Folder}\disk.sys"));
        Assert.Throws<GuestItemNotFoundException>(() => tree.OpenRead($@"{Folder}\disk.sys"));

        string target = folder.File("out");
        string[] copied = [.. Copier(tree).Copy(@"\Windows\System32", target, true).Select(copy => copy.Source)];
        Assert.Contains(@"\Windows\System32\config\SYSTEM", copied);
        Assert.DoesNotContain(copied, file => file.StartsWith(Folder, StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(target, "drivers")));
    }

    /// <summary>Links to folders above themselves, as ntfs-3g puts them there: a walk that followed one would never end.</summary>
    [OracleFact("ntfs-3g", "setfattr", "fusermount")]
    public void Links_that_make_a_loop_are_shown_as_links_and_a_walk_ends()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        string[] before = Walk(disk);
        disk.Volume(3, volume => ChangeByNtfs3g(folder, volume, mount =>
        {
            string system = Path.Combine(mount, "Windows", "System32");
            MakeLink(Path.Combine(system, "junction"), 0xA000_0003, Reparse(@"\??\C:\Windows", []));
            MakeLink(Path.Combine(system, "symbolic"), 0xA000_000C, Reparse("..", [1, 0, 0, 0]));
        }));

        string[] links = [@"\Windows\System32\junction", @"\Windows\System32\symbolic"];
        Assert.Equal(before.Concat(links).Order(StringComparer.Ordinal), Walk(disk));
        using DiskTree tree = Open(disk);
        foreach (string link in links)
        {
            GuestNode node = tree.Find(link)!;
            Assert.Equal('l', ((WindowsItem)node.Item!).Mode[0]);
            Assert.False(node.IsContainer);
            Assert.Null(node.Fault);
            Assert.Null(tree.Find($@"{link}\System32"));
        }
    }

    [Theory]
    [InlineData("../../../e\u001B[", @"../../../e\u001B[")]
    [InlineData(@"..\..\..\abc", @"..\..\..\abc")]
    [InlineData("storahci:ads", "storahci:ads")]
    [InlineData("a\u202Ehci.sys*\"|", @"a\u202Ehci.sys*""|")]
    public void A_name_that_cannot_be_typed_is_shown_and_leads_nowhere(string evil, string shown)
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        disk.Volume(3, volume => Assert.True(Replace(volume, "storahci.sys", evil) >= 2));
        using DiskTree tree = Open(disk);

        GuestNode node = Assert.Single(tree.Children(Folder), node => node.IsAlias);
        Assert.Equal(shown, node.Name);
        Assert.Equal(shown, ((WindowsItem)node.Item!).Name);
        Assert.Equal($@"{Folder}\{shown}", ((WindowsItem)node.Item!).FullName);
        Assert.False(node.IsContainer);
        Assert.Null(tree.Find($@"{Folder}\{evil}"));

        string target = folder.File("out");
        Assert.NotEmpty(Copier(tree).Copy(Folder, target, true));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(target), file => Path.GetFileName(file).StartsWith("stora", StringComparison.Ordinal));
        Assert.Equal([target, disk.Path], Directory.EnumerateFileSystemEntries(folder.Path).OrderDescending(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("signature")]
    [InlineData("update sequence")]
    [InlineData("standard information")]
    public void A_file_record_that_cannot_be_read_hides_no_other(string damage)
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        string[] before = NamesIn(disk, Folder);
        disk.Ntfs(patch =>
        {
            long number = patch.NumberOf($@"{Folder}\storahci.sys");
            patch.Record(number, record => NtfsPatch.Attribute(record, AttributeType.StandardInformation)[8] = (byte)(damage == "standard information" ? 1 : 0));
            Span<byte> raw = patch.RawRecord(number);
            raw[0] ^= (byte)(damage == "signature" ? 1 : 0);
            raw[^1] ^= (byte)(damage == "update sequence" ? 1 : 0);
        });
        using DiskTree tree = Open(disk);

        GuestNode[] nodes = [.. tree.Children(Folder)];
        Assert.Equal(before, nodes.Select(node => node.Name));
        GuestNode bad = Assert.Single(nodes, node => node.Fault is not null);
        Assert.Equal("storahci.sys", bad.Name);
        Assert.Null(bad.Item);
        Assert.Equal("NtfsFileRecordDamaged", bad.Fault!.ErrorId);
        Assert.Equal(bad with { Fault = null }, tree.Find($@"{Folder}\STORAHCI.sys")! with { Fault = null });

        List<string> failed = [];
        TreeCopier copier = new(tree, false, SilentReporter.Instance, (path, exception) => failed.Add($"{path} {exception.ErrorId}"), default);
        string[] copied = [.. copier.Copy(Folder, folder.File("out"), true).Select(copy => copy.Source)];
        Assert.Contains($@"{Folder}\disk.sys", copied);
        Assert.Contains($@"{Folder}\stornvme.sys", copied);
        Assert.DoesNotContain($@"{Folder}\storahci.sys", copied);
        Assert.Equal([$@"{Folder}\storahci.sys NtfsFileRecordDamaged"], failed);
    }

    [Fact]
    public void A_folder_that_cannot_be_listed_hides_no_other_from_a_copy()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        disk.Ntfs(patch => patch.Record(Folder, record => NtfsPatch.Value(record, AttributeType.IndexRoot, "$I30")[8] = 1));
        using DiskTree tree = Open(disk);

        List<string> failed = [];
        TreeCopier copier = new(tree, false, SilentReporter.Instance, (path, exception) => failed.Add($"{path} {exception.ErrorId}"), default);
        string[] copied = [.. copier.Copy(@"\Windows\System32", folder.File("out"), true).Select(copy => copy.Source)];
        Assert.Equal([$"{Folder} NtfsIndexDamaged"], failed);
        Assert.Contains(@"\Windows\System32\config\SYSTEM", copied);
        Assert.DoesNotContain(copied, file => file.StartsWith(Folder, StringComparison.Ordinal));
    }

    /// <summary>Two names in one folder lead to that folder: a walk that followed them would double its work at each level.</summary>
    [Fact]
    public void A_folder_that_says_it_lies_elsewhere_is_not_walked()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        MakeLoop(disk);
        using DiskTree tree = Open(disk);

        GuestNode loop = Assert.Single(tree.Children(@"\Windows\System32"), node => node.Name == "drivers");
        Assert.False(loop.IsContainer);
        Assert.Equal("NtfsFileRecordDamaged", loop.Fault!.ErrorId);
        List<string> failed = [];
        TreeCopier copier = new(tree, false, SilentReporter.Instance, (path, exception) => failed.Add($"{path} {exception.ErrorId}"), default);
        Assert.Contains(copier.Copy(@"\Windows\System32", folder.File("out"), true).ToArray(), copy => copy.Source == @"\Windows\System32\config\SYSTEM");
        Assert.Equal([$"{Folder} NtfsFileRecordDamaged"], failed);
    }

    /// <summary>\Windows\System32\drivers is made \Windows\System32 itself.</summary>
    [Fact]
    public void A_folder_within_itself_is_as_deep_as_the_path_that_asks()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        MakeLoop(disk);
        using DiskTree tree = Open(disk);

        string path = @"\Windows\System32" + string.Concat(Enumerable.Repeat(@"\drivers", 300));
        Assert.True(tree.Find(path)!.IsContainer);
        Assert.Equal(BrowsedGuest.NamesIn(tree, @"\Windows\System32"), BrowsedGuest.NamesIn(tree, path));
    }

    private static void MakeLoop(DamagedDisk disk)
    {
        const int keyInEntry = IndexEntry.HeaderSize + FileNameView.HeaderSize;
        byte[] from = [];
        byte[] to = [];
        disk.Ntfs(patch =>
        {
            patch.Record(Folder, record => from = BitConverter.GetBytes(new FileReference(patch.NumberOf(Folder), new FileRecordView(record).Sequence).Value));
            long parent = patch.NumberOf(@"\Windows\System32");
            patch.Record(parent, record => to = BitConverter.GetBytes(new FileReference(parent, new FileRecordView(record).Sequence).Value));
        });
        disk.Volume(3, volume =>
        {
            int changed = 0;
            byte[] name = Encoding.Unicode.GetBytes("drivers");
            for (int at = volume.IndexOf(name); at >= 0; at = Next(volume, name, at))
            {
                if (at >= keyInEntry && volume[(at - keyInEntry)..].StartsWith(from))
                {
                    to.CopyTo(volume[(at - keyInEntry)..]);
                    changed++;
                }
            }

            Assert.True(changed > 0);
        });
    }

    private static int Replace(Span<byte> volume, string name, string with)
    {
        Assert.Equal(name.Length, with.Length);
        byte[] old = Encoding.Unicode.GetBytes(name);
        int count = 0;
        for (int at = volume.IndexOf(old); at >= 0; at = Next(volume, old, at))
        {
            MemoryMarshal.AsBytes(with.AsSpan()).CopyTo(volume[at..]);
            count++;
        }

        return count;
    }

    private static int Next(Span<byte> volume, byte[] sought, int at) =>
        volume[(at + sought.Length)..].IndexOf(sought) is var next and >= 0 ? at + sought.Length + next : -1;

    private static string[] Walk(DamagedDisk disk)
    {
        using DiskTree tree = Open(disk);
        return [.. Below("").Order(StringComparer.Ordinal)];

        IEnumerable<string> Below(string path) => tree.Children(path).SelectMany(node => node.IsContainer
            ? Below($@"{path}\{node.Name}").Prepend($@"{path}\{node.Name}")
            : [$@"{path}\{node.Name}"]);
    }

    private static void ChangeByNtfs3g(TempFolder folder, Span<byte> volume, Action<string> change)
    {
        string image = folder.File("volume.raw");
        File.WriteAllBytes(image, volume.ToArray());
        using (NtfsMount mount = new(image, writable: true))
        {
            change(mount.Path);
        }

        File.ReadAllBytes(image).CopyTo(volume);
    }

    private static void MakeLink(string path, uint tag, byte[] data)
    {
        Directory.CreateDirectory(path);
        byte[] reparse = [.. BitConverter.GetBytes(tag), .. BitConverter.GetBytes(data.Length), .. data];
        ForeignTool.RunOk("setfattr", "-h", "-n", "system.ntfs_reparse_data", "-v", $"0x{Convert.ToHexString(reparse)}", path);
    }

    /// <summary>MS-FSCC 2.1.2.4 and 2.1.2.5: offsets and lengths of the two names, for symbolic links flags, the names.</summary>
    private static byte[] Reparse(string target, byte[] flags)
    {
        byte[] name = Encoding.Unicode.GetBytes(target);
        byte[] lengths = new byte[8];
        Le.U16(lengths, 2, (ushort)name.Length);
        Le.U16(lengths, 4, (ushort)(name.Length + 2));
        return [.. lengths, .. flags, .. name, 0, 0, 0, 0];
    }

    private static string[] NamesIn(DamagedDisk disk, string path)
    {
        using DiskTree tree = Open(disk);
        return BrowsedGuest.NamesIn(tree, path);
    }

    private static DiskTree Open(DamagedDisk disk) => DiskTree.Open(new BrowseRoot(disk.Path, 3, false));

    private static TreeCopier Copier(DiskTree tree) => new(tree, false, SilentReporter.Instance, (_, exception) => throw exception, default);
}
