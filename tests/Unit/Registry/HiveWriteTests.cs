using System.Globalization;
using CsCheck;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

public sealed class HiveWriteTests
{
    private const string Win7 = "hive-system/win7sp1-x86-vmware-WIN732BITA.SYSTEM.gz";

    [Theory]
    [InlineData(3, 2_000)]
    [InlineData(5, 10_000)]
    public void Many_subkeys_keep_growth_linear(int minor, int count)
    {
        byte[] original = TestHive.Bytes(minor);
        Hive hive = HiveTree.Open(original);
        HiveKey parent = hive.Root.Create("Parent", TestHive.Now);
        int[] numbers = [.. Enumerable.Range(0, count)];
        new Random(7).Shuffle(numbers);
        foreach (int number in numbers)
        {
            parent.Create(number.ToString("d5", CultureInfo.InvariantCulture), TestHive.Now);
        }

        byte[] saved = HiveTree.Saved(hive, original);

        // A key takes 88 bytes (76 and the name, in a cell), a list entry 8, a leaf is at least half full.
        Assert.InRange(saved.Length, 0, count * (88 + (2 * 8)) * 11 / 10);
        Assert.Empty(TestHive.Findings(saved));
        HiveKey again = HiveTree.Open(saved).Find("parent")!;
        Assert.Equal(count, again.SubkeyCount);
        Assert.Equal(Enumerable.Range(0, count).Select(number => number.ToString("d5", CultureInfo.InvariantCulture)), again.Subkeys.Select(key => key.Name));
    }

    [HivexFact]
    public void Hivex_reads_thousands_of_subkeys_in_order()
    {
        byte[] original = TestHive.Bytes();
        Hive hive = HiveTree.Open(original);
        for (int number = 0; number < 3_000; number++)
        {
            hive.Root.Create($"key{number}", TestHive.Now);
        }

        byte[] saved = HiveTree.Saved(hive, original);

        Assert.Equal(HiveTree.OfHivex(saved), HiveTree.Of(HiveTree.Open(saved)));
        Assert.Equal(3_001, HiveTree.Count(HiveTree.Open(saved)).Keys);
    }

    [Fact]
    public void Deleting_everything_gives_all_room_back()
    {
        byte[] original = TestHive.Bytes();
        Hive hive = HiveTree.Open(original);
        int size = 0;
        for (int round = 0; round < 5; round++)
        {
            for (int number = 0; number < 1200; number++)
            {
                hive.Root.Create($@"A\{number}", TestHive.Now).SetValue("v", HiveValueType.Binary, new byte[30 + (number % 50)], TestHive.Now);
            }

            Assert.True(hive.Root.DeleteSubkey("a"));
            byte[] saved = HiveTree.Saved(hive, original);
            size = size == 0 ? saved.Length : size;
            Assert.Equal(size, saved.Length);
            Assert.Empty(TestHive.Findings(saved));
        }
    }

    [HivexFact]
    public void Big_data_is_written_as_others_read_it()
    {
        byte[] original = TestHive.Bytes();
        Hive hive = HiveTree.Open(original);
        foreach (int size in (int[])[0, 1, 4, 5, 16344, 16345, 2 * 16344, 100_000, 1_000_000])
        {
            byte[] data = new byte[size];
            new Random(size).NextBytes(data);
            hive.Root.SetValue($"v{size}", HiveValueType.Binary, data, TestHive.Now);
            Assert.Equal(data, hive.Root.GetValue($"v{size}")!.Data());
        }

        byte[] saved = HiveTree.Saved(hive, original);
        Assert.Empty(TestHive.Findings(saved));
        Assert.Equal(HiveTree.OfHivex(saved), HiveTree.Of(HiveTree.Open(saved)));
        foreach (HiveValue value in hive.Root.Values.ToArray())
        {
            Assert.True(hive.Root.DeleteValue(value.Name));
        }

        Assert.Empty(TestHive.Findings(HiveTree.Saved(hive, original)));
    }

    [Fact]
    public void An_equal_value_is_not_written()
    {
        byte[] original = TestHive.Bytes();
        Hive hive = HiveTree.Open(original);
        hive.Root.SetValue("Start", HiveValueType.Dword, [3, 0, 0, 0], TestHive.Now);
        byte[] saved = HiveTree.Saved(hive, original);
        Hive again = HiveTree.Open(saved);
        again.Root.SetValue("START", HiveValueType.Dword, [3, 0, 0, 0], TestHive.Now.AddDays(1));
        Assert.Equal("", again.Root.Create("", TestHive.Now).Path);

        Assert.False(again.IsChanged);
        Assert.Equal(saved, HiveTree.Saved(again, saved));
        again.Root.SetValue("START", HiveValueType.Dword, [0, 0, 0, 0], TestHive.Now.AddDays(1));
        Assert.True(again.IsChanged);
        Assert.Equal("Start", again.Root.Values.Single().Name);
        Assert.Equal(TestHive.Now.AddDays(1), again.Root.LastWrittenUtc);
    }

    [HivexFact(Win7)]
    public void A_service_added_to_a_real_hive_changes_little_and_is_read_by_hivex()
    {
        byte[] original = SharedData.Read(Win7);
        Hive hive = HiveTree.Open(original);
        HiveKey service = hive.Root.Create(@"ControlSet001\services\viostor\Parameters\PnpInterface", TestHive.Now);
        service.SetValue("5", HiveValueType.Dword, [1, 0, 0, 0], TestHive.Now);
        hive.Find(@"ControlSet001\Services\viostor")!.SetValue(
            "ImagePath", HiveValueType.ExpandString, TestHive.Text("system32\\drivers\\viostor.sys\0"), TestHive.Now);
        byte[] saved = HiveTree.Saved(hive, original);

        int changed = Enumerable.Range(0, original.Length / 4096).Count(page => !original.AsSpan(page * 4096, 4096).SequenceEqual(saved.AsSpan(page * 4096, 4096)));
        Assert.InRange(changed, 1, 16);

        // The list of services had no room left: its leaf was split.
        Assert.InRange(saved.Length, original.Length, original.Length + 8192);
        Assert.Equal(TestHive.Findings(original), TestHive.Findings(saved));
        Assert.Equal(13984u, BitConverter.ToUInt32(saved, 4));
        Assert.Equal(13984u, BitConverter.ToUInt32(saved, 8));
        Assert.Equal(TestHive.Now.ToFileTimeUtc(), BitConverter.ToInt64(saved, 12));
        string[] tree = HiveTree.OfHivex(saved);
        Assert.Equal(HiveTree.OfHivex(original).Length + 5, tree.Length);
        Assert.Equal(tree, HiveTree.Of(HiveTree.Open(saved)));
    }

    [DataFact(Win7)]
    public void A_key_is_added_to_a_hive_of_200_MB_without_reading_it()
    {
        LargeHiveDevice device = new(SharedData.Read(Win7));
        Hive hive = Hive.Open(device, [], "SOFTWARE");
        hive.Root.Create(@"ControlSet001\services\viostor", TestHive.Now).SetValue("Start", HiveValueType.Dword, new byte[4], TestHive.Now);
        hive.Save(device, TestHive.Now);

        Assert.InRange(device.BytesRead, 1, 4 * 1024 * 1024);
        Assert.InRange(device.BytesWritten, 1, 16 * 4096);
        Assert.Equal(0u, Hive.Open(device, [], "SOFTWARE").Find(@"ControlSet001\services\viostor")!.GetValue("start")!.AsDword());
    }

    [Fact]
    public void Random_edits_give_what_a_model_gives()
    {
        Gen.Int[0, int.MaxValue].Sample(
            seed =>
            {
                int minor = 3 + (seed % 4);
                byte[] original = TestHive.Bytes(minor);
                HiveModel model = new(new Random(seed));
                byte[] saved = original;
                for (int round = 0; round < 3; round++)
                {
                    Hive hive = HiveTree.Open(saved);
                    model.Edit(hive, 60);
                    saved = HiveTree.Saved(hive, saved);
                    Assert.Empty(TestHive.Findings(saved));
                    Assert.Equal(model.Lines(), HiveTree.Of(HiveTree.Open(saved)));
                }
            },
            seed: "0N0XIzNsQ0O2",
            iter: 60,
            threads: 1);
    }

    [HivexFact]
    public void Hivex_reads_the_result_of_random_edits()
    {
        for (int seed = 0; seed < 4; seed++)
        {
            byte[] original = TestHive.Bytes(3 + seed);
            Hive hive = HiveTree.Open(original);
            HiveModel model = new(new Random(seed));
            model.Edit(hive, 400);
            Assert.Equal(model.Lines(), HiveTree.OfHivex(HiveTree.Saved(hive, original)));
        }
    }
}
