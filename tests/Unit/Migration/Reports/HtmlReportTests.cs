using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Migration.Reports;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration.Reports;

/// <summary>The page that goes to a ticket: all of it, safe, and readable on a phone and on paper. Chromium is the judge.</summary>
public sealed partial class HtmlReportTests
{
    [Fact]
    public void The_page_says_what_was_found_changed_and_seen_and_what_to_do()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        string page = File.ReadAllText(Reported.Write(migration, MigrationReportFormat.Html, folder.Path));

        foreach (string part in (string[])
            [
                "Windows Server 2022", "role-efisystem", "role-windows", "<td data-label=\"Drive\"><span>C:</span>", "ControlSet001", "viostor.sys",
                "Undo-GuestEdit", "virsh define", "VirtIO boot-ready?", "data:image/png;base64,iVBOR", "1 min 35 s", "BootStartStorage", "Made by Hyper2Kvm", "2026-01-02 03:04:05 UTC",
            ])
        {
            Assert.Contains(part, page, StringComparison.Ordinal);
        }

        GuestChange changed = migration.Changes.First(change => change is { Kind: GuestChangeKind.ValueChanged, Before.Length: > 0 });
        Assert.Matches(
            $"<code>{Regex.Escape(changed.Target)}</code></td><td data-label=\"Before\"><code>{Regex.Escape(changed.Before!)}</code></td>"
            + $"<td data-label=\"After\"><code>{Regex.Escape(changed.After!)}</code></td>", page);
    }

    [Fact]
    public void The_page_needs_nothing_from_elsewhere_and_no_script()
    {
        using TempFolder folder = new();
        string page = File.ReadAllText(Reported.Write(Reported.Full(folder), MigrationReportFormat.Html, folder.Path));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src &#39;none&#39;", page, StringComparison.Ordinal);
        Assert.All(Source().Matches(page), match => Assert.StartsWith("data:image/png;base64,", match.Groups[1].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void No_name_becomes_markup()
    {
        using TempFolder folder = new();
        string page = File.ReadAllText(Reported.Write(Reported.WithNames(Reported.Full(folder), Reported.Hostile), MigrationReportFormat.Html, folder.Path));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img src=x", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u202E', page);
        Assert.DoesNotContain('\u001b', page);
        Assert.Equal(2, Regex.Count(page, "<img "));
        Assert.Equal(1, Regex.Count(page, "</style>"));
    }

    [OracleFact(Browser.Name)]
    public void A_browser_finds_no_script_and_no_element_that_a_name_made()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        KvmMigration hostile = Reported.WithNames(migration, Reported.Hostile);
        string dom = WithoutValues(Browser.Dom(Reported.Write(hostile, MigrationReportFormat.Html, folder.Path), folder));
        Assert.DoesNotContain("<script", dom, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<title>owned", dom, StringComparison.Ordinal);
        Assert.DoesNotMatch("<[^>]* onerror", dom);
        string tame = WithoutValues(Browser.Dom(Reported.Write(Reported.WithNames(migration, "tame"), MigrationReportFormat.Html, folder.Path), folder));
        Assert.Equal(Elements(tame), Elements(dom));
        Assert.Contains("<img", tame, StringComparison.Ordinal);
    }

    [OracleTheory(Browser.Name)]
    [InlineData(320)]
    [InlineData(375)]
    [InlineData(1024)]
    public void Nothing_has_to_be_pushed_sideways(int window)
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        string longName = new('W', 300);
        foreach (KvmMigration each in (KvmMigration[])[migration, Reported.WithNames(migration, longName) with { Name = "long" }])
        {
            // Less than the window where a bar to scroll down takes its part of it.
            Assert.InRange(Browser.WidthIn(Reported.Write(each, MigrationReportFormat.Html, folder.Path), window, folder), window - 20, window);
        }
    }

    [OracleFact(Browser.Name, "pdftotext")]
    public void The_page_can_be_printed_with_all_it_says()
    {
        using TempFolder folder = new();
        KvmMigration migration = Reported.Full(folder);
        byte[] pdf = Browser.Print(Reported.Write(migration, MigrationReportFormat.Html, folder.Path), folder);
        Assert.StartsWith("%PDF", Encoding.Latin1.GetString(pdf, 0, 8), StringComparison.Ordinal);
        string text = Regex.Replace(ForeignTool.RunOk("pdftotext", "-layout", folder.File("page.pdf"), "-"), @"\s+", "");
        // Paper gets whole tables with their heads, no cards.
        Assert.Contains("ChangeWhatBeforeAfter", text, StringComparison.Ordinal);
        Assert.Contains("Undo-GuestEdit", text, StringComparison.Ordinal);
        Assert.All(migration.Stages, stage => Assert.Contains($"{stage.Step}", text, StringComparison.Ordinal));
    }

    /// <summary>The browser writes angle brackets in an attribute as they are, and only quotes as entities.</summary>
    private static string WithoutValues(string dom) => Regex.Replace(dom, "=\"[^\"]*\"", "");

    private static string Elements(string dom) => string.Join(' ', Element().Matches(dom).Select(match => match.Value));

    [GeneratedRegex("<img [^>]*src=\"([^\"]*)\"")]
    private static partial Regex Source();

    [GeneratedRegex("<[a-z0-9]+")]
    private static partial Regex Element();
}
