using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Inf;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Inf;

/// <summary>INFs as Red Hat and other makers shipped them.</summary>
public sealed class RealInfTests
{
    private const string Scsi = "4d36e97b-e325-11ce-bfc1-08002be10318";
    private const string System = "4d36e97d-e325-11ce-bfc1-08002be10318";
    private const string Net = "4d36e972-e325-11ce-bfc1-08002be10318";

    private static InfFile Open(string file) => InfFile.Parse(SharedData.Read(file), Path.GetFileName(file));

    [DataFact("virtio-drivers/inf-100.101.104.28500/viostor_w11.inf")]
    public void Viostor_for_windows_11_says_what_the_reference_says()
    {
        InfFile inf = Open("virtio-drivers/inf-100.101.104.28500/viostor_w11.inf");

        Assert.Equal(("SCSIAdapter", new Guid(Scsi), "Red Hat, Inc."), (inf.ClassName, inf.ClassGuid, inf.Provider));
        Assert.Equal((new DateOnly(2025, 7, 9), "100.101.104.28500", true), (inf.DriverDate, inf.DriverVersion, inf.PnpLockdown));
        Assert.Equal("viostor.cat", inf.CatalogFile(InfTargets.Windows11));
        InfModels models = Assert.Single(inf.Models(InfTargets.Windows11));
        Assert.Equal(("%VENDOR%", "VioStor.NTamd64.10.0...16299"), (models.Manufacturer, models.Section));
        Assert.Equal(
            [
                @"PCI\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00", @"PCI\VEN_1AF4&DEV_1001",
                @"PCI\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01", @"PCI\VEN_1AF4&DEV_1042",
            ],
            models.Models.SelectMany(model => model.CompatibleIds.Prepend(model.HardwareId)));
        InfInstall install = inf.Install("scsi_inst", InfTargets.Windows11);
        Assert.Equal([new InfFileCopy("viostor.sys", "viostor.sys", "", 13, "")], install.Files);
        InfService service = Assert.Single(install.Services);
        Assert.Equal(
            ("viostor", 2, null, 1, 0, 1, "SCSI miniport", 13, "viostor.sys", "viostor"),
            (service.Name, service.Flags, service.DisplayName, service.ServiceType, service.StartType, service.ErrorControl,
                service.LoadOrderGroup, service.BinaryDirectoryId, service.BinaryPath, service.EventLogName));
        Assert.Equal(
            [@"Parameters\PnpInterface|5|4|01000000", "Parameters|BusType|4|01000000", "Parameters|DmaRemappingCompatible|4|00000000"],
            service.Registry.Select(Text));
        Assert.Equal(
            [
                "|EventMessageFile|2|" + Convert.ToHexString(global::System.Text.Encoding.Unicode.GetBytes("%SystemRoot%\\System32\\IoLogMsg.dll\0")),
                "|TypesSupported|4|07000000",
            ],
            service.EventLogRegistry.Select(Text));
        Assert.Equal(
            [
                "Interrupt Management|key|0|",
                @"Interrupt Management\MessageSignaledInterruptProperties|key|0|",
                @"Interrupt Management\MessageSignaledInterruptProperties|MSISupported|4|01000000",
                @"Interrupt Management\MessageSignaledInterruptProperties|MessageNumberLimit|4|01010000",
                @"Interrupt Management\Affinity Policy|key|0|",
                @"Interrupt Management\Affinity Policy|DevicePolicy|4|05000000",
                @"Interrupt Management\Affinity Policy|GroupPolicy|4|01000000",
            ],
            install.DeviceRegistry.Select(Text));
        Assert.Empty(inf.Models(new InfTarget("amd64", 10, 0, 15063, 1)));
    }

    [DataFact("virtio-drivers/inf-100.101.104.28500/vioscsi_2k19.inf")]
    public void Vioscsi_for_server_2019_says_what_the_reference_says()
    {
        InfFile inf = Open("virtio-drivers/inf-100.101.104.28500/vioscsi_2k19.inf");
        InfInstall install = inf.Install("scsi_inst", InfTargets.Server2022);
        InfService service = Assert.Single(install.Services);

        Assert.Equal("VirtioScsi.NTamd64.10.0", Assert.Single(inf.Models(InfTargets.Server2022)).Section);
        Assert.Empty(inf.Models(InfTargets.Windows81));
        Assert.Equal(("vioscsi", "Red Hat VirtIO SCSI pass-through Service", 12), (service.Name, service.DisplayName, service.BinaryDirectoryId));
        Assert.Contains("Parameters|BusType|4|0A000000", service.Registry.Select(Text));
        Assert.Contains(@"Interrupt Management\Affinity Policy|DevicePriority|4|03000000", install.DeviceRegistry.Select(Text));
        Assert.Contains(
            @"Interrupt Management\MessageSignaledInterruptProperties|MessageNumberLimit|4|02010000", install.DeviceRegistry.Select(Text));
    }

    [DataFact("virtio-drivers/Wxp-x86/viostor.inf")]
    public void Every_virtio_inf_gives_its_service_and_version()
    {
        (string File, InfTarget Target, string Class, string Service, int Start, string Group, string Version, int Ids)[] expected =
        [
            ("Win10-amd64-100.85.104.20800/viostor.inf", InfTargets.Windows10, Scsi, "viostor", 0, "SCSI miniport", "100.85.104.20800", 4),
            ("Win7-amd64/balloon.inf", InfTargets.Windows7, System, "BALLOON", 3, "", "61.77.104.16900", 4),
            ("Win7-amd64/netkvm.inf", InfTargets.Windows7, Net, "netkvm", 3, "NDIS", "61.77.104.17200", 4),
            ("Win7-amd64/vioscsi.inf", InfTargets.Windows7, Scsi, "vioscsi", 0, "SCSI miniport", "61.76.104.16000", 2),
            ("Win7-amd64/vioser.inf", InfTargets.Windows7, System, "VirtioSerial", 3, "", "61.76.104.15400", 2),
            ("Win7-amd64/viostor.inf", InfTargets.Windows7, Scsi, "viostor", 0, "SCSI miniport", "61.77.104.17200", 4),
            ("Win8.1-amd64/balloon.inf", InfTargets.Windows81, System, "BALLOON", 3, "", "63.93.104.24000", 4),
            ("Win8.1-amd64/netkvm.inf", InfTargets.Windows81, Net, "netkvm", 3, "NDIS", "63.93.104.24000", 4),
            ("Win8.1-amd64/vioscsi.inf", InfTargets.Windows81, Scsi, "vioscsi", 0, "SCSI miniport", "63.93.104.24000", 4),
            ("Win8.1-amd64/vioser.inf", InfTargets.Windows81, System, "VirtioSerial", 3, "", "63.93.104.24000", 4),
            ("Win8.1-amd64/viostor.inf", InfTargets.Windows81, Scsi, "viostor", 0, "SCSI miniport", "63.93.104.24000", 4),
            ("Wlh-x86/netkvm.inf", InfTargets.Vista32, Net, "netkvm", 3, "NDIS", "60.76.104.16000", 2),
            ("Wlh-x86/vioscsi.inf", InfTargets.Vista32, Scsi, "vioscsi", 0, "SCSI miniport", "60.76.104.16000", 2),
            ("Wlh-x86/viostor.inf", InfTargets.Vista32, Scsi, "viostor", 0, "SCSI miniport", "60.76.104.15800", 2),
            ("Wxp-x86/balloon.inf", InfTargets.Xp, System, "BALLOON", 3, "Extended Base", "51.65.104.7000", 1),
            ("Wxp-x86/netkvm.inf", InfTargets.Xp, Net, "netkvm", 3, "NDIS", "51.64.104.4900", 1),
            ("Wxp-x86/vioser.inf", InfTargets.Xp, System, "VirtioSerial", 3, "", "51.71.104.9400", 1),
            ("Wxp-x86/viostor.inf", InfTargets.Xp, Scsi, "viostor", 0, "SCSI miniport", "51.64.104.4800", 3),
        ];
        foreach (var row in expected)
        {
            InfFile inf = Open("virtio-drivers/" + row.File);
            InfModels models = Assert.Single(inf.Models(row.Target));
            InfInstall install = inf.Install(models.Models[0].InstallSection, row.Target);
            InfService service = Assert.Single(install.Services, candidate => (candidate.Flags & InfService.AssociatedService) != 0);
            int ids = models.Models.Sum(model => model.CompatibleIds.Count + 1);

            Assert.Equal(
                (row.File, new Guid(row.Class), row.Service, 1, row.Start, 1, row.Group, row.Version, row.Ids, "Red Hat"),
                (row.File, inf.ClassGuid, service.Name, service.ServiceType, service.StartType, service.ErrorControl,
                    service.LoadOrderGroup ?? "", inf.DriverVersion, ids, inf.Provider[..7]));
            Assert.Contains(install.Files, file => file.Name == service.BinaryPath && file.DirectoryId == 12);
        }
    }

    [DataFact("virtio-drivers/Win10-amd64-100.85.104.20800/qemufwcfg.inf")]
    public void A_null_driver_has_no_service()
    {
        InfFile inf = Open("virtio-drivers/Win10-amd64-100.85.104.20800/qemufwcfg.inf");
        InfModel model = Assert.Single(Assert.Single(inf.Models(InfTargets.Windows10)).Models);

        InfInstall install = inf.Install(model.InstallSection, InfTargets.Windows10);

        Assert.Equal(("FWCfg_Device.NT", 0), (install.Section, install.Services.Count));
    }

    [DataFact("other-inf/opsi-inf_testdata_7.inf", "other-inf/wimboot-i219v_e1d68-e1d68x64.inf.gz")]
    public void Other_makers_infs_are_read()
    {
        InfFile nvidia = Open("other-inf/opsi-inf_testdata_7.inf");
        Assert.Empty(Assert.Single(nvidia.Models(InfTargets.Vista32)).Models);
        InfModels models = Assert.Single(nvidia.Models(InfTargets.Xp));
        Assert.Equal(("NVIDIA.ntx86", 14), (models.Section, models.Models.Count));
        InfInstall install = nvidia.Install(models.Models[0].InstallSection, InfTargets.Xp);
        Assert.Equal(("NVStor_Inst.ntx86", "nvgts"), (install.Section, Assert.Single(install.Services).Name));
        Assert.Equal("SCSI Miniport", install.Services[0].LoadOrderGroup);
        Assert.Contains(install.Files, file => file is { Name: "nvraiins.dll", SourceName: "nvraidco.dll", DirectoryId: 11 });

        InfFile intel = Open("other-inf/wimboot-i219v_e1d68-e1d68x64.inf.gz");
        Assert.Equal("Intel.NTamd64.10.0.1..18362", Assert.Single(intel.Models(InfTargets.Windows10)).Section);
        Assert.Equal(["PCI\\VEN_8086&DEV_153A", "PCI\\VEN_8086&DEV_153B"], intel.Find("ControlFlags")!.Find("ExcludeFromSelect")!.Values);
        InfModel first = intel.Models(InfTargets.Windows10)[0].Models[0];
        Assert.Equal("e1dexpress", Assert.Single(intel.Install(first.InstallSection, InfTargets.Windows10).Services).Name);
    }

    [DataFact("other-inf/opsi-inf_testdata_1.inf.gz")]
    public void Every_inf_at_hand_is_read_to_its_end_or_refused_by_name()
    {
        string[] files = [.. Directory.EnumerateFiles(SharedData.PathOf("."), "*.inf*", SearchOption.AllDirectories)];
        Assert.True(files.Length >= 20);
        foreach (string file in files)
        {
            InfFile inf = Open(Path.GetRelativePath(SharedData.PathOf("."), file));
            Assert.NotEqual(Guid.Empty, inf.ClassGuid);
            Assert.NotEqual("", inf.DriverVersion);
            Assert.DoesNotContain('%', inf.Provider);
            foreach (InfTarget target in new[] { InfTargets.Xp, InfTargets.Windows7, InfTargets.Windows10 })
            {
                if (inf.Find("Manufacturer") is not null)
                {
                    InstallAll(inf, target);
                }
            }
        }
    }

    private static void InstallAll(InfFile inf, InfTarget target)
    {
        string[] sections = [.. inf.Models(target).SelectMany(models => models.Models).Select(model => model.InstallSection).Distinct()];
        foreach (string section in sections)
        {
            Exception? error = Record.Exception(() => inf.Install(section, target));
            Assert.True(error is null, $"{inf.Name} [{section}] {target}: {error}");
        }
    }

    private static string Text(InfRegistryValue value) =>
        $"{value.Key}|{value.Name ?? "key"}|{value.Type}|{Convert.ToHexString([.. value.Data])}";

    [DataFact("virtio-drivers/Win7-amd64/viostor.inf")]
    public void Damaged_infs_end_in_typed_errors()
    {
        byte[] original = SharedData.Read("virtio-drivers/Win7-amd64/viostor.inf");
        Random random = new(20250709);
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = [.. original[..(i % 3 == 0 ? random.Next(original.Length) : original.Length)]];
            for (int flips = bytes.Length == 0 ? 0 : random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Use(bytes);
        }

        for (int i = 0; i < 500; i++)
        {
            byte[] noise = new byte[random.Next(600)];
            random.NextBytes(noise);
            Use(noise);
        }
    }

    /// <summary>Whatever the bytes are: an INF, or an error that says what is wrong.</summary>
    private static void Use(byte[] bytes)
    {
        try
        {
            InfFile inf = InfFile.Parse(bytes, "damaged.inf");
            _ = inf.Provider + inf.ClassGuid + inf.DriverDate + inf.DriverVersion + inf.CatalogFile(InfTargets.Windows7);
            foreach (InfModel model in inf.Models(InfTargets.Windows7).SelectMany(models => models.Models))
            {
                inf.Install(model.InstallSection, InfTargets.Windows7);
            }
        }
        catch (DiskFormatException)
        {
        }
    }
}
