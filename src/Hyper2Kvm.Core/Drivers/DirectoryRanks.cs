using System.Text.RegularExpressions;

namespace Hyper2Kvm.Drivers;

/// <summary>Says how well a directory of a driver source fits a Windows, by the layouts and directory names of the rules.</summary>
internal sealed class DirectoryRanks
{
    /// <summary>Bounds a match against a name that somebody made up.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    /// <summary>Windows 8 and later run no display drivers of before (XPDM).</summary>
    private const int FirstWithoutXpdm = 9200;

    private static readonly Guid s_display = new("4d36e968-e325-11ce-bfc1-08002be10318");

    private readonly List<Regex> _ours = [];
    private readonly List<Regex> _anybodys = [];
    private readonly List<Regex> _xpdm = [];

    /// <param name="rules">The layouts, and the directory names of every Windows.</param>
    /// <param name="rule">That of the guest.</param>
    /// <param name="architecture">Of the guest.</param>
    public DirectoryRanks(DriverRules rules, DriverRule rule, GuestArchitecture architecture)
    {
        string ours = Any(rules.DirectoriesOf(architecture));
        string allSystems = Any(rules.Rules.SelectMany(one => one.Directories));
        string allArchitectures = Any(rules.Architectures.Values.SelectMany(directories => directories));
        foreach (string os in rule.Directories)
        {
            _ours.AddRange(rules.Layouts.Select(layout => Pattern(layout, Regex.Escape(os), ours)));
        }

        if (rule.Builds.From >= FirstWithoutXpdm)
        {
            string before = Any(rules.Rules.Where(one => one.Builds.To < FirstWithoutXpdm).SelectMany(one => one.Directories));
            _xpdm.AddRange(rules.Layouts.Select(layout => Pattern(layout, before, ours)));
        }

        _anybodys.AddRange(rules.Layouts.Select(layout => Pattern(layout, allSystems, allArchitectures)));
    }

    /// <summary>Small is good; null for a directory of another Windows or processor. One that the rules say nothing of, such as that of
    /// a single package, comes last: there the INF's own decorations decide.</summary>
    /// <param name="infPath">With forward slashes.</param>
    public int? Of(string infPath)
    {
        string directory = DirectoryOf(infPath);
        int rank = _ours.FindIndex(pattern => pattern.IsMatch(directory));
        return rank >= 0 ? rank : _anybodys.Exists(pattern => pattern.IsMatch(directory)) ? null : _ours.Count;
    }

    /// <summary>A fallback that serves network cards well is none for displays.</summary>
    public bool IsOldDisplay(string infPath, Guid setupClass) =>
        setupClass == s_display && _xpdm.Exists(pattern => pattern.IsMatch(DirectoryOf(infPath)));

    private static string DirectoryOf(string infPath) => infPath.LastIndexOf('/') is var slash and >= 0 ? infPath[..slash] : "";

    private static string Any(IEnumerable<string> names) => $"(?:{string.Join('|', names.Distinct(StringComparer.OrdinalIgnoreCase).Select(Regex.Escape))})";

    private static Regex Pattern(string layout, string os, string architecture)
    {
        string escaped = Regex.Escape(layout)
            .Replace(Regex.Escape("{driver}"), "[^/]+", StringComparison.Ordinal)
            .Replace(Regex.Escape("{os}"), os, StringComparison.Ordinal)
            .Replace(Regex.Escape("{arch}"), architecture, StringComparison.Ordinal);
        return new Regex($"^{escaped}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, s_limit);
    }
}
