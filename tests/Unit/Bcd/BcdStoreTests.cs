using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Bcd;

/// <summary>Stores that Windows wrote.</summary>
public sealed class BcdStoreTests
{
    [DataFact("bcd/uefi-win10-regipy.BCD")]
    public void Store_of_an_installed_windows_10()
    {
        BcdStore store = Open("bcd/uefi-win10-regipy.BCD");
        Assert.Equal(17, store.Objects.Count);
        Assert.Empty(store.StrangeKeys);
        BcdObject bootManager = store.BootManager!;
        Assert.Equal(BcdAliases.BootManager, bootManager.Id);
        Assert.Equal(@"\EFI\Microsoft\Boot\bootmgfw.efi", bootManager.Text(BcdElementTypes.ApplicationPath));
        Assert.Equal(30UL, bootManager.Find(0x25000004)!.Integer);
        Assert.Equal([new Guid("b2721d73-1db4-4c62-bf78-c548a880142d")], bootManager.Find(0x24000010)!.Objects);

        BcdObject loader = store.Find(store.DefaultId!.Value)!;
        Assert.Equal(new Guid("733b62e5-f608-11eb-825c-c112f60133ab"), loader.Id);
        Assert.Equal(BcdObjectTypes.OsLoader, loader.Type);
        Assert.Equal("Windows 10", loader.Text(BcdElementTypes.Description));
        Assert.Equal(@"\Windows", loader.Text(BcdElementTypes.SystemRoot));
        BcdPartitionId windows = BcdPartitionId.Gpt(
            new Guid("8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b"), new Guid("0b2394a9-095e-487d-8d48-719ecd4d78ca"));
        Assert.Equal(windows, loader.Device(BcdElementTypes.ApplicationDevice)!.Partition);
        Assert.Equal(windows, loader.Device(BcdElementTypes.OsDevice)!.Partition);
        Assert.Equal([0x15000075UL], loader.Find(0x17000077)!.Integers);
        Assert.True(loader.Find(0x16000009)!.Flag);
        // Two levels up: loader, {bootloadersettings}, {globalsettings}, {emssettings}.
        Assert.False(store.FindInherited(loader, 0x16000020)!.Flag);

        BcdObject recovery = store.Find(new Guid("733b62e6-f608-11eb-825c-c112f60133ab"))!;
        BcdDevice ramdisk = recovery.Device(BcdElementTypes.ApplicationDevice)!;
        Assert.Equal(BcdDeviceKind.Ramdisk, ramdisk.Kind);
        Assert.Equal(new Guid("733b62e7-f608-11eb-825c-c112f60133ab"), ramdisk.Options);
        Assert.Equal(@"\Recovery\WindowsRE\Winre.wim", ramdisk.Path);
        Assert.Equal(new Guid("6cdfcd69-de75-4490-8f99-5a84bf264917"), ramdisk.Parent!.Partition!.PartitionGuid);
    }

    [DataFact("bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD")]
    public void Store_of_a_bios_machine_that_starts_from_a_virtual_disk()
    {
        BcdStore store = Open("bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD");
        Assert.Equal(["{Default}"], store.StrangeKeys);
        BcdObject loader = store.Find(store.DefaultId!.Value)!;
        Assert.Equal(@"\Windows\system32\winload.exe", loader.Text(BcdElementTypes.ApplicationPath));
        BcdDevice device = loader.Device(BcdElementTypes.OsDevice)!;
        Assert.Equal(BcdDeviceKind.VirtualDisk, device.Kind);
        Assert.Equal(BcdPartitionId.Mbr(0x100000, 0xA3F1D6DF), device.Partition);
        Assert.Equal(@"\1809.402.vhd", device.Path);
        Assert.Equal(new Guid("e9c8d6b2-eb70-4c67-8af5-5a7aa93e6ae7"), device.Parent!.Partition!.PartitionGuid);
        Assert.Equal("Windows 内存诊断", store.Find(new("b2721d73-1db4-4c62-bf78-c548a880142d"))!.Text(BcdElementTypes.Description));
    }

    [DataFact("bcd/bios-setupmedia-x86-win10.BCD")]
    public void Store_of_setup_media_has_short_integers_and_boot_devices()
    {
        BcdStore store = Open("bcd/bios-setupmedia-x86-win10.BCD");
        Assert.Equal(30UL, store.BootManager!.Find(0x25000004)!.Integer);
        Assert.Equal(115200UL, store.Find(new("4636856e-540f-4170-a130-a84776f4c654"))!.Find(0x15000014)!.Integer);
        BcdDevice device = store.Find(store.DefaultId!.Value)!.Device(BcdElementTypes.OsDevice)!;
        Assert.Equal((BcdDeviceKind.Ramdisk, @"\sources\boot.wim"), (device.Kind, device.Path));
        Assert.Equal(BcdDeviceKind.Boot, device.Parent!.Kind);
    }

    [DataFact(
        "bcd/uefi-win10-fisummer.BCD", "bcd/uefi-recovery-fisummer.BCD", "bcd/uefi-setupmedia-amd64-client.BCD.gz",
        "bcd/bcdedit-createstore-bcdtest", "bcd/template-win10.BCD-Template", "bcd/uefi-win10-regipy.BCD",
        "bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD", "bcd/bios-setupmedia-x86-win10.BCD")]
    public void Every_element_of_every_real_store_is_understood()
    {
        (string File, int Objects)[] stores =
        [
            ("bcd/uefi-win10-fisummer.BCD", 15), ("bcd/uefi-recovery-fisummer.BCD", 10), ("bcd/uefi-setupmedia-amd64-client.BCD.gz", 9),
            ("bcd/bcdedit-createstore-bcdtest", 18), ("bcd/template-win10.BCD-Template", 16), ("bcd/uefi-win10-regipy.BCD", 17),
            ("bcd/bios-win10-ltsc-vhdboot-fanxcv.BCD", 11), ("bcd/bios-setupmedia-x86-win10.BCD", 9),
        ];
        Assert.All(stores, expected =>
        {
            BcdStore store = Open(expected.File);
            Assert.Equal((expected.File, expected.Objects), (expected.File, store.Objects.Count));
            foreach (BcdElement element in store.Objects.SelectMany(item => item.Elements))
            {
                bool isRead = element.Device is { Kind: not BcdDeviceKind.Opaque } || element.Text is not null || element.Integer is not null
                    || element.Objects is { Count: > 0 } || element.Flag is not null || element.Integers is not null;
                Assert.True(isRead, $"{expected.File}: {element.Type:x8}");
            }
        });
    }

    [DataFact("hive-edge/hivex-minimal")]
    public void Hive_that_is_no_boot_store_is_refused() => Assert.Equal(
        "BcdStoreDamaged", Assert.Throws<DiskFormatException>(() => Open("hive-edge/hivex-minimal")).ErrorId);

    [DataFact("bcd/bios-setupmedia-x86-win10.BCD")]
    public void Damaged_stores_give_typed_errors_or_other_values()
    {
        byte[] good = SharedData.Read("bcd/bios-setupmedia-x86-win10.BCD");
        Random random = new(3);
        int refused = 0;
        for (int i = 0; i < 400; i++)
        {
            byte[] bad = [.. good];
            for (int flip = 0; flip < 8; flip++)
            {
                bad[random.Next(0x1000, bad.Length)] = (byte)random.Next(256);
            }

            try
            {
                Read(bad);
            }
            catch (Hyper2KvmException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 399);
        for (int length = 0; length < good.Length; length += 509)
        {
            Assert.ThrowsAny<Hyper2KvmException>(() => Read(good[..length]));
        }
    }

    private static BcdStore Open(string file) => Read(SharedData.Read(file));

    private static BcdStore Read(byte[] bytes) => BcdStore.Open(Hive.Open(new MemoryBlockDevice(bytes), [], "BCD"));
}
