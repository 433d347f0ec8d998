namespace Hyper2Kvm.Guest;

/// <summary>Follows the way that ntldr goes.</summary>
internal sealed class BootIniCheck(BootIni ini, WindowsLayout layout, BcdDisk disk)
{
    private const string Remedy = "Correct boot.ini in the guest, or with 'bootcfg /rebuild' in the recovery console.";

    private readonly List<BcdFinding> _findings = [];

    public IReadOnlyList<BcdFinding> Run()
    {
        if (layout.BootPartition is { } system)
        {
            CheckFile(system, @"\ntldr");
            CheckFile(system, @"\NTDETECT.COM");
        }

        if (ini.Default.Length == 0 && ini.Systems.Count == 0)
        {
            Add("BootIniNoSystem", FindingSeverity.Error, "boot.ini", "boot.ini names no system to start.");
            return _findings;
        }

        string place = ini.Default.Length > 0 ? ini.Default : ini.Systems[0].Place;
        CheckPlace(place, FindingSeverity.Error);
        foreach ((string other, string options) in ini.Systems)
        {
            if (!other.Equals(place, StringComparison.OrdinalIgnoreCase))
            {
                CheckPlace(other, FindingSeverity.Information);
            }
            else
            {
                CheckOptions(options);
            }
        }

        if (ini.Systems.Count > 1 && ini.Timeout is < 0)
        {
            Add(
                "BootIniWaitsForever", FindingSeverity.Warning, "boot.ini timeout",
                "The boot menu has no time-out: every start waits for somebody at the console.");
        }

        return _findings;
    }

    private void CheckFile(PartitionInfo system, string path)
    {
        if (disk.Exists(system, path) == false)
        {
            Add(
                "BootIniLoaderMissing", FindingSeverity.Error, BcdDisk.Describe(system), $"{path} is not on {BcdDisk.Describe(system)}.",
                $@"Copy it from the folder \I386 of the installation CD.");
        }
    }

    private void CheckPlace(string place, FindingSeverity severity)
    {
        string where = $"boot.ini {place}";
        if (!BootIni.TryReadPlace(place, out string kind, out uint diskNumber, out int number, out string directory))
        {
            Add("BootIniPlaceUnknown", severity, where, $"{place} is no place on a disk that is understood here.");
            return;
        }

        if (kind != "multi")
        {
            Add(
                "BootIniNeedsDriver", FindingSeverity.Warning, where,
                $"{place} is read through \\NTBOOTDD.SYS, the driver of the old machine's controller, not by the BIOS.",
                "Write it as multi(0)disk(0)rdisk(0)partition(n) before the migration.");
        }

        if (kind == "signature" ? layout.DiskSignature != diskNumber : diskNumber != 0)
        {
            Add(
                "BootIniOtherDisk", severity == FindingSeverity.Error ? FindingSeverity.Warning : severity, where,
                $"{place} is on another disk of the machine, which is not looked into.", "Attach the disks in the same order.");
            return;
        }

        if (PartitionAt(number) is not { } partition)
        {
            Add("BootIniPartitionMissing", severity, where, $"{place}: the disk has no partition {number} in ntldr's count.");
            return;
        }

        if (disk.Exists(partition, directory.TrimEnd('\\') + @"\System32\config\SYSTEM") == false)
        {
            Add("BootIniNoWindows", severity, where, $"{place} is {BcdDisk.Describe(partition)}, and no Windows is in {directory} there.");
        }
    }

    private void CheckOptions(string options)
    {
        foreach ((string option, string id, string effect) in ((string, string, string)[])
            [
                ("/safeboot", "BootIniSafeBoot", "Windows starts in safe mode"),
                ("/debug", "BootIniDebuggerEnabled", "a fault stops Windows until a debugger answers"),
                ("/numproc", "BootIniProcessorsLimited", "Windows uses a limited number of processors"),
                ("/onecpu", "BootIniProcessorsLimited", "Windows uses one processor only"),
                ("/maxmem", "BootIniMemoryLimited", "Windows uses a part of the memory only"),
                ("/burnmemory", "BootIniMemoryLimited", "Windows uses a part of the memory only"),
            ])
        {
            if (options.Contains(option, StringComparison.OrdinalIgnoreCase)
                && !options.Contains("/nodebug", StringComparison.OrdinalIgnoreCase) | option != "/debug")
            {
                Add(
                    id, FindingSeverity.Warning, "boot.ini, default entry", $"The default entry has {option}: {effect}.",
                    "If that is not wanted, take it out of boot.ini.");
            }
        }
    }

    /// <summary>ntldr counts partitions in use, the primary ones first: not the slots of the table.</summary>
    private PartitionInfo? PartitionAt(int number) =>
        number >= 1 && number <= layout.Partitions.Count ? layout.Partitions.OrderBy(partition => partition.Number).ElementAt(number - 1) : null;

    private void Add(string id, FindingSeverity severity, string place, string message, string remedy = Remedy) =>
        _findings.Add(new BcdFinding(id, severity, place, message, remedy));
}
