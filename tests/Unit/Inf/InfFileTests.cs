using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Unit.Inf;

public sealed class InfFileTests
{
    private const string Head = "[Version]\nSignature=\"$Windows NT$\"\n";

    internal static InfFile Parse(string text) => InfFile.Parse(Encoding.ASCII.GetBytes(text), "test.inf");

    [Theory]
    [InlineData("utf-8", true, "Größe")]
    [InlineData("utf-16", true, "Größe 日本")]
    [InlineData("utf-16BE", true, "Größe 日本")]
    [InlineData("utf-16", false, "Größe")]
    [InlineData("iso-8859-1", false, "Größe")]
    public void Every_encoding_that_windows_takes_is_read(string encodingName, bool mark, string text)
    {
        Encoding encoding = Encoding.GetEncoding(encodingName);
        byte[] body = encoding.GetBytes(Head + $"[Strings]\r\nT = \"{text}\"\r\n");

        InfFile inf = InfFile.Parse([.. mark ? encoding.GetPreamble() : [], .. body], "test.inf");

        Assert.Equal(text, inf.Resolve("%T%"));
    }

    [Fact]
    public void Quotes_comments_continuations_and_empty_fields_are_read_as_windows_reads_them()
    {
        InfFile inf = Parse(Head + """"
            [A] ; comment
            plain = one , two ; three
            quoted = "a;b,c=d" , " kept " , "say ""yes""", pre"x ; "post
            long = first, \ ; why not
                second,\
              third
            path = C:\dir\file
            1 = %d%,,,""
            bare
            "quoted = no key"
            list,,,2
            equals = a=b
            open = "to the end
            trailing = a,
            nothing =
            """");
        InfSection a = inf.Find("a")!;

        Assert.Equal(["one", "two"], a.Find("PLAIN")!.Values);
        Assert.Equal(["a;b,c=d", " kept ", "say \"yes\"", "prex ; post"], a.Find("quoted")!.Values);
        Assert.Equal(["first", "second", "third"], a.Find("long")!.Values);
        Assert.Equal([@"C:\dir\file"], a.Find("path")!.Values);
        Assert.Equal(["%d%", "", "", ""], a.Find("1")!.Values);
        Assert.Equal(["a=b"], a.Find("equals")!.Values);
        Assert.Equal(["to the end"], a.Find("open")!.Values);
        Assert.Equal(["a", ""], a.Find("trailing")!.Values);
        Assert.Empty(a.Find("nothing")!.Values);
        Assert.Equal([null, null, null], a.Lines.Where(line => line.Key is null).Select(line => line.Key));
        Assert.Equal(["bare", "quoted = no key", "list"], a.Lines.Where(line => line.Key is null).Select(line => line.Value(0)));
        Assert.Equal(["list", "", "", "2"], a.Lines.Single(line => line.Value(0) == "list").Values);
    }

    [Fact]
    public void Sections_of_one_name_are_one_and_names_ignore_case()
    {
        InfFile inf = Parse(Head + "[List]\na\n[other]\nx\n[LIST]\nb\n");

        Assert.Equal(["a", "b"], inf.Find("list")!.Lines.Select(line => line.Value(0)));
    }

    [Fact]
    public void Lines_know_where_they_are()
    {
        byte[] bytes = Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("[Version]\r\n;é\r\nSignature=$CHICAGO$\r\n")).ToArray();

        InfLine line = InfFile.Parse(bytes, "test.inf").Find("Version")!.Find("Signature")!;

        Assert.Equal((3, 2L + (2 * 15)), (line.Number, line.Offset));
    }

    [Fact]
    public void Tokens_are_replaced_once_and_directory_ids_stay()
    {
        InfFile inf = Parse(Head + "[Strings]\nName = \"N%Name%\"\nname = second\n");

        Assert.Equal(@"N%Name%-%12%\x-%SystemRoot%-%unknown%-100%", inf.Resolve(@"%NAME%-%12%\x-%%SystemRoot%%-%unknown%-100%"));
    }

    [Fact]
    public void Default_strings_win_over_a_languages_own()
    {
        Assert.Equal("default", Parse(Head + "[Strings.0407]\nT=deutsch\n[Strings]\nT=default\n").Resolve("%T%"));
        Assert.Equal("english", Parse(Head + "[Strings.0407]\nT=deutsch\n[Strings.0409]\nT=english\n").Resolve("%T%"));
        Assert.Equal("deutsch", Parse(Head + "[Strings.0411]\nT=nihongo\n[Strings.0407]\nT=deutsch\n").Resolve("%T%"));
    }

    [Theory]
    [InlineData("08/30/2021,100.85.104.20800", 2021, 8, 30, "100.85.104.20800")]
    [InlineData("8/4/2006, 1.21.25.00", 2006, 8, 4, "1.21.25.0")]
    [InlineData("10-21-2016,1.0.0", 2016, 10, 21, "1.0.0.0")]
    [InlineData("10/21/2016", 2016, 10, 21, "0.0.0.0")]
    public void Driver_versions_are_read(string text, int year, int month, int day, string version)
    {
        InfFile inf = Parse(Head + $"DriverVer = {text}\n");

        Assert.Equal((new DateOnly(year, month, day), version), (inf.DriverDate, inf.DriverVersion));
    }

    [Theory]
    [InlineData("30/08/2021,1.2.3.4")]
    [InlineData("08/30/2021,1.2.3.4.5")]
    [InlineData("08/30/2021,1.70000")]
    [InlineData("08/30/2021,v1")]
    [InlineData("")]
    public void A_driver_version_that_is_none_is_an_error(string text)
    {
        InfFile inf = Parse(Head + $"DriverVer = {text}\n");

        Assert.Equal("InfValueInvalid", Assert.Throws<DiskFormatException>(() => $"{inf.DriverDate}{inf.DriverVersion}").ErrorId);
    }

    [Fact]
    public void The_catalog_of_the_architecture_comes_first()
    {
        InfFile inf = Parse(Head + "CatalogFile=all.cat\nCatalogFile.NTamd64=x64.cat\n");

        Assert.Equal(("x64.cat", "all.cat"), (inf.CatalogFile(InfTargets.Windows10), inf.CatalogFile(InfTargets.Xp)));
        Assert.Null(Parse(Head).CatalogFile(InfTargets.Xp));
    }

    [Theory]
    [InlineData("", "InfSignatureMissing")]
    [InlineData("[Version]\nSignature=\"$Linux$\"", "InfSignatureMissing")]
    [InlineData("stray = 1\n[Version]", "InfSyntaxInvalid")]
    [InlineData("[Version\nSignature=x", "InfSyntaxInvalid")]
    [InlineData("[Version]\nSig\0nature=x", "InfNotText")]
    public void What_is_no_inf_is_refused(string text, string errorId) =>
        Assert.Equal(errorId, Assert.Throws<DiskFormatException>(() => Parse(text)).ErrorId);

    [Fact]
    public void Huge_files_are_refused_before_they_are_read()
    {
        byte[] lines = Encoding.ASCII.GetBytes(Head + string.Concat(Enumerable.Repeat("a\n", 200_001)));

        Assert.Equal("InfTooLarge", Assert.Throws<DiskFormatException>(() => InfFile.Parse(new byte[(4 << 20) + 1], "x")).ErrorId);
        Assert.Equal("InfTooLarge", Assert.Throws<DiskFormatException>(() => InfFile.Parse(lines, "x")).ErrorId);
    }
}
