using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Guest;

/// <summary>The log of device installations: <c>INF\setupapi.dev.log</c>, before Vista <c>setupapi.log</c>.</summary>
/// <remarks>
/// Microsoft: "Format of a Text Log Section Header / Body / Footer" (SetupAPI text logs); the older log numbers its messages, and only the
/// numbers and what is in quotes are the same in every language. Both are searched for ids and status alone, so bytes above ASCII
/// do not matter, be the log ANSI, UTF-8 or UTF-16. A log grows for years: only its end is read.
/// </remarks>
internal static partial class SetupLog
{
    public const int MostBytes = 16 * 1024 * 1024;

    private const int LongestLine = 4096;

    /// <summary>The log of this Windows, on its volume.</summary>
    public static GuestPath PathOf(GuestPath windowsRoot, WindowsVersion windows) =>
        windows.Major >= 6 ? windowsRoot / "INF" / "setupapi.dev.log" : windowsRoot / "setupapi.log";

    /// <summary>The attempts that begin and end within the last <see cref="MostBytes"/>, oldest first.</summary>
    public static IReadOnlyList<SetupLogEntry> Read(IBlockDevice file)
    {
        List<SetupLogEntry> entries = [];
        string device = "";
        string time = "";
        foreach (string line in Lines(file))
        {
            if (SectionHeader().Match(line) is { Success: true } header)
            {
                (device, time) = (header.Groups["device"].Value, "");
            }
            else if (OldSection().Match(line) is { Success: true } old)
            {
                (device, time) = ("", old.Groups["time"].Value);
            }
            else if (SectionStart().Match(line) is { Success: true } start)
            {
                time = start.Groups["time"].Value;
            }
            else if (OldSearch().Match(line) is { Success: true } search)
            {
                device = search.Groups["device"].Value;
            }
            else if (Ending(line, device) is { } end)
            {
                if (end.Device.Length > 0)
                {
                    entries.Add(new SetupLogEntry(end.Device, time, end.Status, end.Succeeded));
                }

                device = end.IsSection ? "" : device;
            }
        }

        return entries;
    }

    private static (string Device, string Status, bool Succeeded, bool IsSection)? Ending(string line, string device)
    {
        if (SectionEnd().Match(line) is { Success: true } end)
        {
            string status = end.Groups["status"].Value;
            return (device, status, status.StartsWith("SUCCESS", StringComparison.Ordinal), true);
        }

        if (OldSuccess().Match(line) is { Success: true } success)
        {
            return (success.Groups["device"].Value, "#I121", true, false);
        }

        return OldFailure().Match(line) is { Success: true } failure ? (device, failure.Groups["status"].Value.Trim(), false, false) : null;
    }

    /// <summary>A first line that is cut off is no line.</summary>
    private static IEnumerable<string> Lines(IBlockDevice file)
    {
        int length = (int)Math.Min(file.Length, MostBytes);
        byte[] head = new byte[(int)Math.Min(file.Length, 2)];
        file.Read(0, head);
        bool isWide = head is [0xFF, 0xFE];
        long from = file.Length - length;
        byte[] bytes = new byte[isWide ? length & ~1 : length];
        file.Read(isWide ? from & ~1L : from, bytes);
        using StringReader text = new((isWide ? Encoding.Unicode : Encoding.Latin1).GetString(bytes));
        if (from > 0)
        {
            text.ReadLine();
        }

        while (text.ReadLine() is { } line)
        {
            yield return line.Length <= LongestLine ? line : line[..LongestLine];
        }
    }

    /// <summary><c>&gt;&gt;&gt;  [Device Install (Hardware initiated) - PCI\VEN_...\3&amp;...]</c></summary>
    [GeneratedRegex(@"^>>>  ?\[Device Install[^-\]]*- (?<device>[^\]]+)\]", RegexOptions.NonBacktracking)]
    private static partial Regex SectionHeader();

    [GeneratedRegex(@"^>>>  ?Section start (?<time>[0-9/]+ [0-9:]+)", RegexOptions.NonBacktracking)]
    private static partial Regex SectionStart();

    [GeneratedRegex(@"^<<<  ?\[Exit status: (?<status>[^\]]+)\]", RegexOptions.NonBacktracking)]
    private static partial Regex SectionEnd();

    /// <summary><c>[2008/01/02 03:04:05 520.3 Driver Install]</c></summary>
    [GeneratedRegex(@"^\[(?<time>[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8}) [0-9]+\.[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex OldSection();

    /// <summary><c>#-019 Searching for hardware ID(s): pci\ven_1af4&amp;dev_1001...,</c></summary>
    [GeneratedRegex(@"^#-019 [^:]*: (?<device>[^,\s]+)", RegexOptions.NonBacktracking)]
    private static partial Regex OldSearch();

    /// <summary><c>#I121 Device install of "PCI\VEN_...\3&amp;..." finished successfully.</c></summary>
    [GeneratedRegex(@"^#I121 [^""]*""(?<device>[^""]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex OldSuccess();

    /// <summary><c>#E122 Device install failed. Error 1168: Element not found.</c></summary>
    [GeneratedRegex(@"^#E122 (?<status>.+)$", RegexOptions.NonBacktracking)]
    private static partial Regex OldFailure();
}
