using System.Text.RegularExpressions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Guest;

public sealed class LayoutWarningTests
{
    [Fact]
    public void Every_id_in_the_code_is_listed_and_no_other()
    {
        string[] used = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), """new LayoutWarning\(\s*"(\w+)",""").Select(match => match.Groups[1].Value))
            .Distinct().Order(StringComparer.Ordinal)];
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "ErrorIds.md"));
        string section = page[page.IndexOf("## Warnings of a layout", StringComparison.Ordinal)..page.IndexOf("## Findings of the checkers", StringComparison.Ordinal)];

        Assert.True(used.Length > 20, "the ids were not found in the code");
        Assert.Equal(used, Regex.Matches(section, @"(?m)^\| `(\w+)` \|").Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_warning_is_made_without_an_id_of_its_own()
    {
        string[] made = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), @"new LayoutWarning\((?!\s*"")").Select(_ => file))];
        Assert.Empty(made);
    }

    [Fact]
    public void It_is_text_with_its_id() => Assert.Equal("PageFileElsewhere: a text", $"{new LayoutWarning("PageFileElsewhere", "a text")}");
}
