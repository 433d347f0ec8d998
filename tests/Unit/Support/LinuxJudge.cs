using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Ntfs;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Boots Linux in QEMU with guest disks and keeps what it says of them. What it does there: <c>linux-init.sh</c>.</summary>
internal sealed partial class LinuxJudge
{
    /// <summary>What Linux leaves in each directory where it makes files: 1 to 3000, each on a line.</summary>
    private const string KeptFile = "60 kernel judge.txt";

    private static readonly string s_keptHash = Convert.ToHexStringLower(
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 3000).Select(number => $"{number}\n")))));

    private readonly TempFolder _folder;
    private readonly WindowsLayout? _layout;
    private readonly IReadOnlyList<string> _report;
    private readonly string _kernelLog;

    /// <param name="folder">Where to work. Linux writes to overlays in here.</param>
    /// <param name="layout">Where the partitions are, on all disks; null where each is one volume.</param>
    /// <param name="delete">Guest path, without blanks, of a file that Linux deletes where it is there.</param>
    /// <param name="machine">QEMU machine: <c>q35</c> has AHCI, <c>pc</c> has IDE.</param>
    /// <param name="disks">One or more.</param>
    public LinuxJudge(TempFolder folder, WindowsLayout? layout, string delete, string machine, params LinuxDisk[] disks)
    {
        _folder = folder;
        _layout = layout;
        LinuxKernel kernel = LinuxKernel.Found!;
        string root = folder.File("linux.cpio");
        string script = Path.Combine(Repository.Root, "tests", "Fixtures", "tools", "initramfs.sh");
        ForeignTool.RunOk("bash", script, kernel.Root, kernel.Version, root);
        string[] serialPorts = [folder.File("kernel.log"), folder.File("report")];
        (int exitCode, _, string error) = ForeignTool.Run(
            "timeout",
            [
                "-s", "KILL", "900", ForeignTool.Find("qemu-system-x86_64")!,
                "-accel", "tcg", "-machine", machine, "-m", "512", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-kernel", kernel.Image, "-initrd", root, "-append", Parameters(delete, disks),
                .. serialPorts.SelectMany(port => (string[])["-serial", $"file:{port}"]),
                .. disks.SelectMany(Attach),
            ]);
        Assert.All(serialPorts, port => Assert.True(File.Exists(port), $"QEMU did not start: {error}"));
        _kernelLog = File.ReadAllText(serialPorts[0]);
        _report = File.ReadAllLines(serialPorts[1]);
        Assert.True(
            exitCode == 0 && _report is [.., "done"],
            $"Linux did not get to its end: exit code {exitCode}\n{error}\n{string.Join('\n', _report.TakeLast(3))}\n{_kernelLog[^Math.Min(_kernelLog.Length, 2000)..]}");
    }

    /// <summary>Fails when the kernel complains of a disk or of itself, or a program failed.</summary>
    public void HasNoComplaint()
    {
        IEnumerable<string> complaints = _kernelLog.Split('\n').Where(line => Complaint().IsMatch(line))
            .Concat(_report.Where(line => line.Contains(" failed ", StringComparison.Ordinal)));
        Assert.Equal("", string.Join('\n', complaints.Take(20)));
    }

    /// <summary>Guest path → SHA-256 of every file and <c>dir</c> for every directory.</summary>
    /// <param name="disk">Name of a disk.</param>
    /// <param name="phase">first, second (after writing) or boot (the other partition).</param>
    public Dictionary<string, string> Tree(string disk, string phase)
    {
        Dictionary<string, string> tree = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in _report.Where(line => line.StartsWith($"{disk} {phase} ", StringComparison.Ordinal)))
        {
            Match entry = Entry().Match(line);
            Assert.True(entry.Success, line);
            tree.Add(entry.Groups["path"].Value.Replace('/', '\\'), entry.Groups["what"].Value);
        }

        return tree;
    }

    /// <summary>A tree as it has to be after Linux wrote to it.</summary>
    public static Dictionary<string, string> Written(Dictionary<string, string> tree, string windowsRoot) => new(tree, tree.Comparer)
    {
        [$@"{windowsRoot}\System32\drivers\{KeptFile}"] = s_keptHash,
        [$@"{windowsRoot}\INF\{KeptFile}"] = s_keptHash,
    };

    /// <summary>The Windows partition as Linux left it; a host path.</summary>
    public string VolumeAfter(string disk)
    {
        string volume = _folder.File($"{disk}.volume");
        string place = _layout is null ? "" : $"offset={_layout.WindowsPartition.Offset},size={_layout.WindowsPartition.Size},";
        ForeignTool.RunOk(
            "qemu-img", "convert", "-O", "raw", "--image-opts",
            $"driver=raw,{place}file.driver=qcow2,file.file.driver=file,file.file.filename={Top(disk)}",
            volume);
        return volume;
    }

    /// <summary>What our checker finds on a volume.</summary>
    public static IReadOnlyList<FileSystemFinding> Check(string volume)
    {
        using FileBlockDevice device = new(volume);
        return NtfsChecker.Check(device, CancellationToken.None);
    }

    private string Parameters(string delete, LinuxDisk[] disks)
    {
        string[] parameters =
        [
            "console=ttyS0", "panic=-1", "no_timer_check", // on a busy host an emulated processor gets too few ticks for that check
            $"judge_disks={string.Join(',', disks.Select(disk => disk.Name))}",
            $"judge_windows={_layout?.WindowsPartition.Number}",
            $"judge_boot={_layout?.BootPartition!.Number}",
            $"judge_boot_type={(_layout?.BootPartition!.FileSystem == "NTFS" ? "ntfs3" : "vfat")}",
            $"judge_delete={delete.Replace('\\', '/')}",
        ];
        return string.Join(' ', parameters);
    }

    private string[] Attach(LinuxDisk disk)
    {
        ForeignTool.RunOk("qemu-img", "create", "-q", "-f", "qcow2", "-b", disk.Image, "-F", disk.Format, Top(disk.Name));
        return
        [
            "-drive", $"if=none,id={disk.Name},format=qcow2,file={Top(disk.Name)}",
            "-device", $"{disk.Device},drive={disk.Name},serial={disk.Name}",
        ];
    }

    private string Top(string disk) => _folder.File($"{disk}.top.qcow2");

    [GeneratedRegex(@"ntfs3(\(|: [sv]d)|FAT-fs|I/O error|WARNING:|BUG:|Oops|Call Trace")]
    private static partial Regex Complaint();

    /// <summary>Of a file: <c>NAME PHASE HASH  ./PATH</c>; of a directory: <c>NAME PHASE dir ./PATH</c>.</summary>
    [GeneratedRegex("^[a-z]+ [a-z]+ (?<what>dir|[0-9a-f]{64}) {1,2}[.](?<path>.*)$")]
    private static partial Regex Entry();
}
