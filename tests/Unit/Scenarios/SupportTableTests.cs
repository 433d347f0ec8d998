using System.Globalization;
using System.Text.RegularExpressions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>docs/Support.md says no more than the tests do, and no less.</summary>
public sealed partial class SupportTableTests
{
    private const string Refused = "2000 and earlier";

    private static readonly string[] s_document = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "Support.md"));

    [Fact]
    public void Each_row_has_guests_of_its_architectures_and_each_guest_has_a_row()
    {
        Dictionary<string, string> table = Rows().Where(row => row[0] != Refused).ToDictionary(row => row[0], row => row[1]);

        Dictionary<string, string> tested = Generation.All.GroupBy(one => one.Row).ToDictionary(
            group => group.Key, group => string.Join(", ", group.Select(one => Name(one.Architecture)).Distinct()));

        Assert.Equal(tested.OrderBy(pair => pair.Key, StringComparer.Ordinal), table.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    /// <summary>"synthetic (6002, 6003)": those builds and no others.</summary>
    [Fact]
    public void Builds_of_made_guests_are_those_of_the_tests()
    {
        foreach (string[] row in Rows())
        {
            if (SyntheticBuilds().Match(row[3]) is { Success: true } match)
            {
                Assert.Equal(
                    (row[0], string.Join(", ", Generation.All.Where(one => one.Row == row[0]).Select(one => one.Build).Distinct().Order()
                        .Select(build => build.ToString(CultureInfo.InvariantCulture)))),
                    (row[0], match.Groups["builds"].Value));
            }
        }
    }

    /// <summary>In any table of the page: a word in back quotes that ends in Tests, perhaps with a method.</summary>
    [Fact]
    public void Each_test_that_is_named_is_there()
    {
        Type[] types = typeof(SupportTableTests).Assembly.GetTypes();
        (string Class, string Method)[] named = [.. s_document.SelectMany(line => TestName().Matches(line))
            .Select(match => (match.Groups["class"].Value, match.Groups["method"].Value))];

        Assert.All(named, test => Assert.Contains(
            types, type => type.Name == test.Class && (test.Method.Length == 0 || type.GetMethod(test.Method) is not null)));
        Assert.All(Rows(), row => Assert.Matches(TestName(), row[4]));
    }

    [Fact]
    public void Only_what_has_a_real_hive_is_called_so()
    {
        string[] real = [.. Rows().Where(row => row[3].Contains("real hive", StringComparison.Ordinal)).Select(row => row[0])];

        Assert.Equal(["XP (5.1)", "7 (6.1)", "10, versions 1507 to 22H2"], real);
        Assert.All(Rows().Where(row => real.Contains(row[0])), row => Assert.Contains(
            TestName().Matches(row[4]),
            match => typeof(SupportTableTests).Assembly.GetTypes().Any(type => type.Name == match.Groups["class"].Value && type.IsSubclassOf(typeof(RealGuestTests)))));
    }

    /// <summary>Cells of the first table with five columns.</summary>
    private static IEnumerable<string[]> Rows() => s_document
        .SkipWhile(line => !line.StartsWith("| Windows |", StringComparison.Ordinal)).Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray());

    private static string Name(GuestArchitecture architecture) => architecture switch
    {
        GuestArchitecture.X86 => "x86",
        GuestArchitecture.X64 => "x64",
        _ => "ARM64",
    };

    [GeneratedRegex(@"synthetic \((?<builds>[0-9]+(, [0-9]+)*)\)")]
    private static partial Regex SyntheticBuilds();

    [GeneratedRegex(@"`(?<class>\w+Tests)(\.(?<method>\w+))?`")]
    private static partial Regex TestName();
}
