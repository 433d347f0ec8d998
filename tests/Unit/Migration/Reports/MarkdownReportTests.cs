using System.Text.RegularExpressions;
using Hyper2Kvm.Migration.Reports;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration.Reports;

/// <summary>Markdown that shows what it says and does nothing: GitHub's own parser is the judge.</summary>
public sealed class MarkdownReportTests
{
    private static readonly string[] s_extensions = ["-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tagfilter"];

    [OracleFact("cmark-gfm")]
    public void No_name_becomes_a_link_a_picture_a_heading_or_a_cell()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        string tame = Render(Reported.Write(Reported.WithNames(migration, "tame"), MigrationReportFormat.Markdown, folder.Path));
        string hostile = Render(Reported.Write(Reported.WithNames(migration, Reported.Hostile), MigrationReportFormat.Markdown, folder.Path));
        // Code with a bar in a table is shown as text.
        Assert.Equal(Elements(tame), Elements(hostile));
        Assert.DoesNotContain("<a ", hostile, StringComparison.Ordinal);
        Assert.Contains("document.title", hostile, StringComparison.Ordinal);
    }

    [OracleTheory("cmark-gfm")]
    [InlineData("- item")]
    [InlineData("+ item")]
    [InlineData("12. item")]
    [InlineData("3) item")]
    [InlineData("# head")]
    [InlineData("> quote")]
    [InlineData("a\\|b")]
    [InlineData("``x`")]
    [InlineData("``x`|y")]
    [InlineData("HTTPS://evil.example WWW.evil.example ftp://evil.example")]
    [InlineData("~~a~~ **b** _c_ <b>d</b> &amp; [e]: f ![g](h)")]
    [InlineData("C:\\*\\_\\`\\Windows\\")]
    public void Text_and_code_are_shown_letter_by_letter(string text)
    {
        using TempFolder folder = new();
        foreach (ReportCell cell in (ReportCell[])[text, ReportCell.Code(text)])
        {
            File.WriteAllText(folder.File("x.md"), $"| a | b |\n| --- | --- |\n| {MarkdownText.Of(cell, inTable: true)} | end |\n\n- {MarkdownText.Of(cell)}\n");
            string html = Render(folder.File("x.md"));
            string shown = Regex.Match(html, "<li>(.*?)</li>", RegexOptions.Singleline).Groups[1].Value;
            Assert.Equal(text, Shown(shown));
            Assert.Equal([text, "end"], Regex.Matches(html, "<td>(.*?)</td>", RegexOptions.Singleline).Select(cell => Shown(cell.Groups[1].Value)));
            Assert.DoesNotMatch("<(?!/?(table|thead|tbody|tr|th|td|ul|li|code)\\b)", html);
        }
    }

    [Fact]
    public void Screenshots_are_links_to_their_files()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        string text = File.ReadAllText(Reported.Write(migration, MigrationReportFormat.Markdown, folder.File("reports")));
        Assert.Contains("](../out/screen.png)", text, StringComparison.Ordinal);
        Assert.Matches(@"\n```\n\| +1 +\| +2 +\| +3 +\| +4 +\|\n```\n", text);
    }

    private static string Render(string file) => ForeignTool.RunOk("cmark-gfm", [.. s_extensions, "--unsafe", file]);

    private static string Shown(string html) => System.Net.WebUtility.HtmlDecode(Regex.Replace(html, "</?code>", ""));

    private static string Elements(string html) => string.Join(' ', Regex.Matches(html, "<[a-z0-9]+").Select(match => match.Value).Where(name => name != "<code"));
}
