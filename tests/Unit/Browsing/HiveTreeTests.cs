using Hyper2Kvm.Browsing;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Browsing;

public class HiveTreeTests
{
    private const string Config = @"\Windows\System32\config";
    private const string Dirty = "hive-dirty/yarp-NewDirtyHive1/NewDirtyHive";
    private const string DirtyForEver = "hive-dirty/yarp-BadLogHive1/BadLogHive";

    [Theory]
    [InlineData("text/html")]
    [InlineData("http://host")]
    [InlineData("/leading")]
    [InlineData("a/b/c/d/e/f/g/h")]
    public void A_key_with_slashes_in_its_name_is_reached_and_so_is_what_lies_below(string name)
    {
        using TempFolder folder = new();
        using HiveTree tree = WithKeys(folder, $@"Slashes\{name}\Below", @"Slashes\text\Other");

        Assert.Contains(name, BrowsedGuest.NamesIn(tree, @"SOFTWARE\Slashes"));
        Assert.Equal($@"SOFTWARE\Slashes\{name}", NameOf(tree.Find($@"SOFTWARE\Slashes\{name}")));
        Assert.Equal(["Below"], BrowsedGuest.NamesIn(tree, $"SOFTWARE/Slashes/{name}"));
        Assert.Equal($@"SOFTWARE\Slashes\{name}\Below", NameOf(tree.Find($"SOFTWARE/Slashes/{name}/Below")));
        Assert.Equal(@"SOFTWARE\Slashes\text\Other", NameOf(tree.Find("SOFTWARE/Slashes//text/Other/")));
        Assert.Null(tree.Find($"SOFTWARE/Slashes/{name}/nothing"));
    }

    [Fact]
    public void Of_two_ways_to_read_a_path_the_one_that_leads_there_is_taken()
    {
        using TempFolder folder = new();
        using HiveTree tree = WithKeys(folder, @"Both\a\b", @"Both\a/c\d", @"Both\a/b\e");

        Assert.Equal(@"SOFTWARE\Both\a\b", NameOf(tree.Find("SOFTWARE/Both/a/b")));
        Assert.Equal(@"SOFTWARE\Both\a/c\d", NameOf(tree.Find("SOFTWARE/Both/a/c/d")));
        Assert.Equal(@"SOFTWARE\Both\a/b\e", NameOf(tree.Find("SOFTWARE/Both/a/b/e")));
    }

    /// <summary>Of a path of 80 parts there would be more readings than anybody can try.</summary>
    [Fact]
    public void A_hive_in_which_every_reading_leads_on_is_given_up()
    {
        using TempFolder folder = new();
        List<string> keys = [];
        for (int level = 0; level < 40; level++)
        {
            string path = @"Many" + string.Concat(Enumerable.Repeat(@"\a", level));
            keys.AddRange([$@"{path}\a", $@"{path}\a/a", $@"{path}\a/a\a"]);
        }

        using HiveTree tree = WithKeys(folder, [.. keys]);
        Assert.NotNull(tree.Find("SOFTWARE/Many/a/a/a"));
        Assert.Null(tree.Find("SOFTWARE/Many" + string.Concat(Enumerable.Repeat("/a", 80))));
    }

    [Fact]
    public void Names_are_shown_without_what_acts_on_a_terminal()
    {
        using TempFolder folder = new();
        using HiveTree tree = WithKeys(folder, "Evil\\a\u001B]0;x\u0007\\Below");

        GuestNode key = Assert.Single(tree.Children(@"SOFTWARE\Evil"));
        Assert.Equal(@"a\u001B]0;x\u0007", ((WindowsRegistryKey)key.Item!).Name);
        Assert.Equal(@"SOFTWARE\Evil\a\u001B]0;x\u0007", NameOf(key));
        Assert.Equal(["Below"], BrowsedGuest.NamesIn(tree, $@"SOFTWARE\Evil\{key.Name}"));
    }

    [DataFact(Dirty + ".gz")]
    public void A_dirty_hive_is_shown_with_its_logs_replayed()
    {
        using TempFolder folder = new();
        using HiveTree tree = Open(BrowsedGuest.Make(folder, guest =>
        {
            guest.Windows.WriteFile($@"{Config}\SAM", SharedData.Read(Dirty + ".gz"));
            guest.Windows.WriteFile($@"{Config}\SAM.LOG1", SharedData.Read(Dirty + ".LOG1"));
            guest.Windows.WriteFile($@"{Config}\SAM.LOG2", SharedData.Read(Dirty + ".LOG2"));
        }));
        Hive recovered = Registry.HiveTree.Open("hive-dirty/yarp-NewDirtyHive1/RecoveredHive_Windows10.gz");
        Hive asFound = Hive.OpenAsFound(new Hyper2Kvm.Blocks.MemoryBlockDevice(SharedData.Read(Dirty + ".gz")), "found");

        Assert.Equal(Lines(recovered), Lines(tree, "SAM"));
        Assert.NotEqual(Lines(asFound), Lines(tree, "SAM"));
    }

    [DataFact(DirtyForEver + ".gz")]
    public void A_hive_that_no_log_fits_is_shown_as_it_lies()
    {
        using TempFolder folder = new();
        using HiveTree tree = Open(BrowsedGuest.Make(folder, guest =>
        {
            guest.Windows.WriteFile($@"{Config}\SAM", SharedData.Read(DirtyForEver + ".gz"));
            guest.Windows.WriteFile($@"{Config}\SAM.LOG1", SharedData.Read(DirtyForEver + ".LOG1"));
        }));
        Hive asFound = Hive.OpenAsFound(new Hyper2Kvm.Blocks.MemoryBlockDevice(SharedData.Read(DirtyForEver + ".gz")), "found");

        Assert.Equal(Lines(asFound), Lines(tree, "SAM"));
    }

    [Fact]
    public void A_hive_that_cannot_be_read_is_an_error_of_its_own_and_hides_no_other()
    {
        using TempFolder folder = new();
        using HiveTree tree = Open(BrowsedGuest.Make(folder, guest => guest.Windows.WriteFile($@"{Config}\SAM", new byte[8192])));

        Assert.Equal(["SYSTEM", "SOFTWARE", "DRIVERS", "SAM"], BrowsedGuest.NamesIn(tree, ""));
        Assert.Equal("HiveDamaged", Assert.Throws<DiskFormatException>(() => tree.Find("SAM")).ErrorId);
        Assert.Equal("HiveDamaged", Assert.Throws<DiskFormatException>(() => tree.Children("SAM").Count()).ErrorId);
        Assert.NotNull(tree.Find(@"SYSTEM\CurrentControlSet\Services"));
    }

    [Fact]
    public void A_key_that_cannot_be_read_hides_no_other()
    {
        using TempFolder folder = new();
        using HiveTree tree = WithDamage(folder, (key, _) => key.Span[0] = (byte)'x');

        GuestNode[] nodes = [.. tree.Children(@"SAM\Some")];
        Assert.Equal(["A", "", "C"], nodes.Select(node => node.Name));
        Assert.Null(nodes[1].Item);
        Assert.Equal("HiveDamaged", nodes[1].Fault!.ErrorId);
        Assert.Equal(@"SAM\Some\C", NameOf(tree.Find(@"SAM\Some\C")));
    }

    [Fact]
    public void A_key_whose_values_cannot_be_read_still_leads_on()
    {
        using TempFolder folder = new();
        using HiveTree tree = WithDamage(folder, (_, value) => value.Span[0] = (byte)'x');

        GuestNode[] nodes = [.. tree.Children(@"SAM\Some")];
        Assert.Equal(["A", "Broken", "C"], nodes.Select(node => node.Name));
        Assert.Equal([false, true, false], nodes.Select(node => node.Fault is not null));
        Assert.Equal("HiveDamaged", tree.Find(@"SAM\Some\Broken")!.Fault!.ErrorId);
        Assert.Equal(["Below"], BrowsedGuest.NamesIn(tree, @"SAM\Some\Broken"));
    }

    /// <summary>A hive SAM with a key Some\Broken, which has a value and a subkey, between A and C.</summary>
    /// <param name="folder">For the disk.</param>
    /// <param name="damage">Gets the key node and the value as they lie in the hive.</param>
    private static HiveTree WithDamage(TempFolder folder, Action<Memory<byte>, Memory<byte>> damage)
    {
        byte[] original = Registry.TestHive.Bytes();
        Hive hive = Registry.HiveTree.Open(original);
        foreach (string key in (string[])[@"Some\A", @"Some\Broken\Below", @"Some\C"])
        {
            hive.Root.Create(key, BrowsedGuest.Time);
        }

        HiveKey broken = hive.Find(@"Some\Broken")!;
        broken.SetValue("Value", HiveValueType.Dword, [1, 0, 0, 0], BrowsedGuest.Time);
        byte[] bytes = Registry.HiveTree.Saved(hive, original);
        damage(CellOf(bytes, broken.Cell), CellOf(bytes, broken.GetValue("Value")!.Cell));
        return Open(BrowsedGuest.Make(folder, guest => guest.Windows.WriteFile($@"{Config}\SAM", bytes)));
    }

    private static Memory<byte> CellOf(byte[] hive, CellOffset cell) => hive.AsMemory((int)cell.FileOffset + 4);

    private static HiveTree WithKeys(TempFolder folder, params string[] keys) => Open(BrowsedGuest.Make(folder, guest =>
    {
        foreach (string key in keys)
        {
            guest.Software.Hive.Root.Create(key, BrowsedGuest.Time);
        }
    }));

    private static HiveTree Open(string disk) => HiveTree.Open(new BrowseRoot(disk, null, false));

    private static string NameOf(GuestNode? node) => ((WindowsRegistryKey)node!.Item!).FullName;

    private static string[] Lines(Hive hive) => [.. Below(hive.Root).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Below(HiveKey key) => key.Subkeys.SelectMany(child => Below(child).Prepend($"{child.Path}: {child.Values.Count()}"));

    private static string[] Lines(HiveTree tree, string path) => [.. Below(tree, path).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Below(HiveTree tree, string path) => tree.Children(path).SelectMany(child =>
        Below(tree, $@"{path}\{child.Name}").Prepend($"{NameOf(child)["SAM\\".Length..]}: {((WindowsRegistryKey)child.Item!).Property.Count}"));
}
