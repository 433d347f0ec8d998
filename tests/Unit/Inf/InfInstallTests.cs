using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Unit.Inf;

public sealed class InfInstallTests
{
    internal const string Minimal = """
        [Version]
        Signature="$Windows NT$"
        [SourceDisksNames]
        1 = disk
        [SourceDisksFiles]
        d.sys = 1
        [DestinationDirs]
        files = 12
        [files]
        d.sys
        [inst]
        CopyFiles = files
        [inst.Services]
        AddService = d, 2, svc
        [svc]
        ServiceType = 1
        StartType = 0
        ErrorControl = 1
        ServiceBinary = %12%\d.sys
        AddReg = reg
        [inst.HW]
        AddReg = reg
        [reg]

        """;

    private static InfRegistryValue Value(string line) =>
        Assert.Single(InfFileTests.Parse(Minimal + line + "\n").Install("inst", InfTargets.Windows10).DeviceRegistry);

    [Fact]
    public void The_sections_of_the_architecture_come_before_nt_and_plain_ones()
    {
        static string Section(string decoration, InfTarget target) =>
            InfFileTests.Parse($"[Version]\nSignature=$CHICAGO$\n[i]\n[i.NT{decoration}]\n").Install("i", target).Section;

        Assert.Equal("i.NTamd64", Section("amd64", InfTargets.Windows10));
        Assert.Equal("i", Section("amd64", InfTargets.Xp));
        Assert.Equal("i.NT", Section("", InfTargets.Windows10));
    }

    [Theory]
    [InlineData("HKR,,n,,text", "", "n", 1, "74006500780074000000")]
    [InlineData("HKR,,n,0,\"\"", "", "n", 1, "0000")]
    [InlineData("HKR,,,,text", "", "", 1, "74006500780074000000")]
    [InlineData("HKR,a\\b,n,0x00020000,\"%%S%%\"", "a\\b", "n", 2, "250053002500" + "0000")]
    [InlineData("HKR,,n,0x00010000,a,b", "", "n", 7, "6100000062000000" + "0000")]
    [InlineData("HKR,,n,0x00010008,a", "", "n", 7, "61000000" + "0000")]
    [InlineData("HKR,,n,0x00010001,0x101", "", "n", 4, "01010000")]
    [InlineData("HKR,,n,0x00010001,257", "", "n", 4, "01010000")]
    [InlineData("HKR,,n,0x00010001,-1", "", "n", 4, "FFFFFFFF")]
    [InlineData("HKR,,n,0x00010001,0xFFFFFFFE", "", "n", 4, "FEFFFFFF")]
    [InlineData("HKR,,n,0x00010001,4294967295", "", "n", 4, "FFFFFFFF")]
    [InlineData("HKR,,n,0x00010001,01,02,00,80", "", "n", 4, "01020080")]
    [InlineData("HKR,,n,0x00010001", "", "n", 4, "00000000")]
    [InlineData("HKR,,n,1,0a,FF,0x10", "", "n", 3, "0AFF10")]
    [InlineData("HKR,,n,0x00020001", "", "n", 0, "")]
    [InlineData("HKR,,n,0x000b0001,1,0,0,0,0,0,0,0", "", "n", 11, "0100000000000000")]
    // The flag in the name's place is a value of that name: facts, item 9.
    [InlineData("HKR,\"Interrupt Management\",0x00000010", "Interrupt Management", "0x00000010", 1, "0000")]
    public void Registry_values_are_read_as_a_hive_stores_them(string line, string key, string name, int type, string hex)
    {
        InfRegistryValue value = Value(line);

        Assert.Equal(("HKR", key, name, type, hex), (value.Root, value.Key, value.Name, value.Type, Convert.ToHexString([.. value.Data])));
    }

    [Theory]
    [InlineData("HKR, \"Interrupt Management\",, 0x00000010")]
    [InlineData("HKR, \"Interrupt Management\",,0x10,ignored")]
    [InlineData("HKR, \"Interrupt Management\"")]
    [InlineData("HKR, \"Interrupt Management\",,")]
    public void A_line_may_ask_for_the_key_alone(string line)
    {
        InfRegistryValue value = Value(line);

        Assert.Equal(("Interrupt Management", null, 0), (value.Key, value.Name, value.Data.Count));
    }

    [Theory]
    [InlineData("HKXX,,n,,text")]
    [InlineData("HKR,,n,0x00010001,ten")]
    [InlineData("HKR,,n,0x00010001,1,2")]
    [InlineData("HKR,,n,1,100")]
    [InlineData("HKR,,n,0x00050000,text")]
    [InlineData("HKR,,n,flag,text")]
    [InlineData("key = value")]
    public void A_registry_line_that_means_nothing_is_an_error(string line) =>
        Assert.Equal("InfValueInvalid", Assert.Throws<DiskFormatException>(() => Value(line)).ErrorId);

    [Theory]
    [InlineData("CopyFiles = files", "CopyFiles = gone", "InfSectionMissing")]
    [InlineData("AddService = d, 2, svc", "AddService = d, 2, gone", "InfSectionMissing")]
    [InlineData("AddService = d, 2, svc", "AddService = d, 2, svc, gone", "InfSectionMissing")]
    [InlineData("AddReg = reg", "AddReg = gone", "InfSectionMissing")]
    [InlineData("[inst]", "[other]", "InfSectionMissing")]
    [InlineData("[DestinationDirs]", "[Other]", "InfSectionMissing")]
    [InlineData("files = 12", "others = 12", "InfValueInvalid")]
    [InlineData("files = 12", "files = drivers", "InfValueInvalid")]
    [InlineData("files = 12", @"files = 12,..\..", "InfPathInvalid")]
    [InlineData("d.sys = 1", "e.sys = 1", "InfFileNotListed")]
    [InlineData("d.sys = 1", @"d.sys = 1,..\up", "InfPathInvalid")]
    [InlineData("1 = disk", @"1 = disk,,,C:\Windows", "InfPathInvalid")]
    [InlineData("[files]\nd.sys", "[files]\n..\\d.sys", "InfPathInvalid")]
    [InlineData("[files]\nd.sys", "[files]\nd.sys,C:\\d.sys", "InfPathInvalid")]
    [InlineData("[files]\nd.sys", "[files]\n\\d.sys", "InfPathInvalid")]
    [InlineData("[files]\nd.sys", "[files]\nd.sys:stream", "InfPathInvalid")]
    [InlineData("CopyFiles = files", @"CopyFiles = @..\d.sys", "InfPathInvalid")]
    [InlineData(@"%12%\d.sys", @"%12%\e.sys", "InfBinaryNotCopied")]
    [InlineData(@"%12%\d.sys", @"%13%\d.sys", "InfBinaryNotCopied")]
    [InlineData(@"%12%\d.sys", @"%12%\..\d.sys", "InfPathInvalid")]
    [InlineData(@"%12%\d.sys", @"C:\d.sys", "InfValueInvalid")]
    [InlineData("StartType = 0", "StartType = boot", "InfValueInvalid")]
    [InlineData("StartType = 0", "", "InfValueInvalid")]
    [InlineData("AddService = d", @"AddService = a\b", "InfPathInvalid")]
    public void Lies_are_errors(string truth, string lie, string errorId)
    {
        string text = Minimal.ReplaceLineEndings("\n");
        Assert.Contains(truth, text, StringComparison.Ordinal);
        InfFile inf = InfFileTests.Parse(text.Replace(truth, lie, StringComparison.Ordinal));

        Assert.Equal(errorId, Assert.Throws<DiskFormatException>(() => inf.Install("inst", InfTargets.Windows10)).ErrorId);
    }

    [Fact]
    public void Files_know_where_they_come_from_and_where_they_go()
    {
        InfInstall install = InfFileTests.Parse("""
            [Version]
            Signature="$Windows NT$"
            [SourceDisksNames.amd64]
            1 = disk,,,\x64
            [SourceDisksFiles]
            d.sys = 2
            d_src.sys = 1,sub,100
            tool.exe = 1
            [DestinationDirs]
            DefaultDestDir = 11
            files = 10,System32\drivers
            [files]
            d.sys,d_src.sys,,2
            [inst]
            Include = pci.inf
            Needs = a, b
            CopyFiles = files, @tool.exe
            """).Install("inst", InfTargets.Windows10);

        Assert.Equal(
            [new InfFileCopy("d.sys", "d_src.sys", @"x64\sub", 12, ""), new InfFileCopy("tool.exe", "tool.exe", "x64", 11, "")], install.Files);
        Assert.Equal(["pci.inf"], install.Includes);
        Assert.Equal(["a", "b"], install.Needs);
    }

    [Theory]
    [InlineData("CopyFiles = files", "CopyFiles = files,")]
    [InlineData("AddReg = reg", "AddReg = , reg,")]
    [InlineData("[SourceDisksFiles]\nd.sys = 1", "[Version]\nLayoutFile = layout.inf")]
    [InlineData(@"%12%\d.sys", @"""%10%\System32\Drivers\D.SYS""")]
    [InlineData("[inst]\nCopyFiles = files", "[inst]\nInclude = other.inf\nNeeds = Other.Section")]
    public void What_windows_bears_is_borne(string usual, string unusual)
    {
        string text = Minimal.ReplaceLineEndings("\n");
        Assert.Contains(usual, text, StringComparison.Ordinal);
        InfFile inf = InfFileTests.Parse(text.Replace(usual, unusual, StringComparison.Ordinal));

        InfService service = Assert.Single(inf.Install("inst", InfTargets.Windows10).Services);

        Assert.Equal((12, "d.sys"), (service.BinaryDirectoryId, service.BinaryPath.ToLowerInvariant()));
    }

    [Fact]
    public void One_section_named_a_thousand_times_ends_in_an_error()
    {
        string text = Minimal.ReplaceLineEndings("\n")
            + string.Concat(Enumerable.Repeat("HKR,,n,,text\n", 1000))
            + "[inst.HW]\nAddReg = " + string.Join(',', Enumerable.Repeat("reg", 1000)) + "\n";

        DiskFormatException error = Assert.Throws<DiskFormatException>(() => InfFileTests.Parse(text).Install("inst", InfTargets.Windows10));
        Assert.Equal("InfTooLarge", error.ErrorId);
        Assert.NotEmpty(Encoding.ASCII.GetBytes(error.Message));
    }
}
