using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>A small Windows as two folder trees, from which foreign tools make a disk.</summary>
internal sealed partial class GuestTree
{
    private readonly TempFolder _folder;
    private readonly string _program;
    private readonly string _tree;
    private readonly string _boot;
    private readonly string _style;
    private readonly string _system32;

    /// <param name="folder">Where to build.</param>
    /// <param name="machine">x86 or x64, of its programs.</param>
    /// <param name="style">As guest.sh has them: gpt, gpt-4k, mbr, mbr-fat.</param>
    /// <param name="drivers">Names of the drivers that it has besides the most common ones.</param>
    /// <param name="system32">Spelling of this folder; the paths given to the other methods say \Windows\System32 all the same.</param>
    public GuestTree(TempFolder folder, string machine, string style, string[] drivers, string system32 = @"\Windows\System32")
    {
        _system32 = system32;
        _folder = folder;
        _style = style;
        _tree = Directory.CreateDirectory(folder.File("c")).FullName;
        _boot = Directory.CreateDirectory(folder.File("boot")).FullName;
        _program = folder.File("program");
        ForeignTool.RunOk("python3", Tool("pe.py"), _program, machine);
        foreach (string path in (string[])["ntoskrnl.exe", "hal.dll", "winload.exe", "winload.efi", "cmd.exe"])
        {
            WriteProgram($@"\Windows\System32\{path}");
        }

        foreach (string driver in (string[])["atapi", "intelide", "disk", "partmgr", .. drivers])
        {
            WriteProgram($@"\Windows\System32\drivers\{driver}.sys");
        }

        WriteText(@"\Windows\System32\drivers\etc\hosts", "127.0.0.1 localhost\r\n");
        WriteText(@"\Windows\INF\oem0.inf", "[Version]\r\nSignature=\"$Windows NT$\"\r\n");
        WriteText(@"\Windows\System32\DriverStore\FileRepository\disk.inf_amd64_1122334455667788\disk.inf", "[Version]\r\n");
        WriteText(@"\Users\Jürgen Größe\Dokumente\Übersicht Änderungen\Straße nach Köln.txt", "Grüße aus dem Büro\r\n");
        WriteText(@"\Users\Jürgen Größe\Desktop\desktop.ini", "");
        Write(@"\pagefile.sys", new byte[1 << 20]);
        Directory.CreateDirectory(Host(@"\Windows\System32\CatRoot\{F750E6C3-38EE-11D1-85E5-00C04FC295EE}"));
        bool isUefi = style.StartsWith("gpt", StringComparison.Ordinal);
        string store = isUefi ? "EFI/Microsoft/Boot" : "Boot";
        Directory.CreateDirectory(Path.Combine(_boot, store));
        File.Copy(_program, Path.Combine(_boot, isUefi ? "EFI/Microsoft/Boot/bootmgfw.efi" : "bootmgr"));
    }

    /// <summary>The sample's Windows Server 2022 with its hives.</summary>
    public static GuestTree Server2022(TempFolder folder, string style = "gpt")
    {
        GuestTree tree = new(folder, "x64", style, ["storahci", "stornvme", "pciide", "LSI_SAS"]);
        foreach (string hive in (string[])["SYSTEM", "SOFTWARE", "DRIVERS"])
        {
            tree.WriteHive(hive, TextOfServer2022(hive));
        }

        return tree;
    }

    /// <summary>The text of one of its hives, in the language of hive.py.</summary>
    public static string TextOfServer2022(string hive)
    {
        string text = Path.Combine(Repository.Root, "tests", "Fixtures", "sample-win2022", $"{hive.ToLowerInvariant()}.hive.txt");
        return PlaceOfDisk().Replace(
            File.ReadAllText(text), place => $"{{a1b2c3d4-00{(int)place.Value[1]:x2}-4e5f-8091-a2b3c4d5e6f7}}");
    }

    public void Write(string guestPath, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Host(guestPath))!);
        File.WriteAllBytes(Host(guestPath), content);
    }

    public void WriteText(string guestPath, string content) => Write(guestPath, Encoding.UTF8.GetBytes(content));

    public void WriteProgram(string guestPath) => Write(guestPath, File.ReadAllBytes(_program));

    /// <summary>A hive from a text in the language of hive.py, with logs as Windows 7 and later keep them.</summary>
    public void WriteHive(string name, string text)
    {
        string source = _folder.File($"{name}.hive.txt");
        File.WriteAllText(source, text);
        Directory.CreateDirectory(Path.GetDirectoryName(HivePath(name))!);
        ForeignTool.RunOk("python3", Tool("hive.py"), source, HivePath(name), "--name", name, "--logs");
    }

    /// <summary>Host path of a file in System32\config of the tree.</summary>
    public string HivePath(string name) => Host($@"\Windows\System32\config\{name}");

    /// <summary>Makes the disk; its host path is returned.</summary>
    /// <param name="mebibytes">Size of C:.</param>
    /// <param name="clusterSize">In bytes.</param>
    /// <param name="name">File name of the raw image.</param>
    /// <param name="freeKibibytes">Fill C: up until so much is free; null for an empty rest.</param>
    public string MakeDisk(int mebibytes, int clusterSize = 4096, string name = "guest.raw", int? freeKibibytes = null)
    {
        string disk = _folder.File(name);
        ForeignTool.RunOk(
            "bash", Tool("guest.sh"), disk, _style, _tree, _boot, $"{mebibytes}", $"{clusterSize}", $"{freeKibibytes}");
        return disk;
    }

    private static string Tool(string name) => Path.Combine(Repository.Root, "tests", "Fixtures", "tools", name);

    [GeneratedRegex("@[A-Z]+@")]
    private static partial Regex PlaceOfDisk();

    private string Host(string guestPath)
    {
        string spelled = guestPath
            .Replace(@"\Windows\System32", _system32, StringComparison.Ordinal)
            .Replace(@"\Windows", Path.GetDirectoryName(_system32.Replace('\\', '/')), StringComparison.Ordinal);
        return Path.Combine(_tree, spelled[1..].Replace('\\', '/'));
    }
}
