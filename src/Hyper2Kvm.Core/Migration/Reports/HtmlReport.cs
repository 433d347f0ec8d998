using System.Globalization;
using System.Xml.Linq;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>A report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere, and its policy forbids them.</summary>
internal static class HtmlReport
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

    /// <summary>Narrow screens get each row of a table as a card; paper keeps the tables.</summary>
    private const string Style = """
        :root{color-scheme:light;--line:#c8ced6;--soft:#f3f5f8;--ink:#1b2430;--dim:#556070;--good:#1e6b3a;--warning:#8a5a00;--error:#a3201d}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:64rem;padding:1rem;font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;color:var(--ink);background:#fff;overflow-wrap:anywhere}
        h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}
        h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-bottom:.2rem;border-bottom:2px solid var(--line)}
        h3{font-size:1rem;margin:1.2rem 0 .3rem}
        p,ol{margin:.5rem 0}
        ol{padding-left:1.5rem}
        li{margin:.4rem 0}
        code,pre{font:.875em/1.45 ui-monospace,"SF Mono",Consolas,"Liberation Mono",monospace}
        pre{margin:.5rem 0;padding:.6rem .8rem;background:var(--soft);border:1px solid var(--line);border-radius:.3rem;white-space:pre-wrap}
        header p{color:var(--dim)}
        .badge{display:inline-block;padding:.15rem .7rem;border:2px solid currentColor;border-radius:1rem;font-weight:600}
        .good{color:var(--good)}.warning{color:var(--warning)}.error{color:var(--error)}
        .note{padding:.5rem .8rem;border-left:.35rem solid currentColor;background:var(--soft)}
        .note span{color:var(--ink)}
        dl{display:grid;grid-template-columns:minmax(7rem,13rem) 1fr;gap:.25rem 1rem;margin:.5rem 0}
        dt{color:var(--dim)}
        dd{margin:0}
        table{width:100%;border-collapse:collapse;margin:.5rem 0;font-size:.9rem}
        th,td{padding:.35rem .5rem;border:1px solid var(--line);text-align:left;vertical-align:top}
        th{background:var(--soft);overflow-wrap:normal}
        td{min-width:5.5rem}
        td:first-child{min-width:8.5rem}
        figure{margin:1rem 0}
        figure img{display:block;max-width:100%;height:auto;border:1px solid var(--line)}
        figcaption{color:var(--dim);font-size:.9rem}
        .disk{display:block;margin:.8rem 0}
        .disk rect{stroke:#fff;stroke-width:2;fill:#7d8896}
        .disk text{fill:#fff;font:600 .95rem sans-serif}
        .disk .role-windows{fill:#1f5fa8}.disk .role-efisystem,.disk .role-biossystem{fill:#1e6b3a}
        .disk .role-recovery{fill:#8a5a00}.disk .role-reserved{fill:#556070}.disk .role-data{fill:#6a4a8c}
        .disk .role-none{fill:#e4e8ee;stroke:#aab3bf}
        @media screen and (max-width:44rem){
          body{padding:.75rem}
          dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}
          thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
          table,tbody{display:block}
          tr{display:block;margin:.5rem 0;border:1px solid var(--line);border-radius:.3rem}
          td{display:grid;grid-template-columns:6rem minmax(0,1fr);gap:.5rem;border:0;min-width:0}
          td+td{border-top:1px solid var(--soft)}
          td:before{content:attr(data-label);color:var(--dim)}
          td:empty{display:none}
        }
        @media print{
          body{max-width:none;padding:0;font-size:10pt}
          h2,h3{break-after:avoid}
          tr,figure,.note,dl,.disk{break-inside:avoid}
          thead{display:table-header-group}
          .disk,.badge,th,pre,.note{-webkit-print-color-adjust:exact;print-color-adjust:exact}
          figure img{max-height:20cm}
        }
        @page{margin:15mm}
        """;

    public static string Write(ReportDocument document) => HtmlWriter.Write(new XElement(
        "html",
        new XAttribute("lang", "en"),
        new XElement(
            "head",
            Meta("charset", "utf-8"),
            Meta("http-equiv", "Content-Security-Policy", Policy),
            Meta("name", "viewport", "width=device-width, initial-scale=1"),
            Meta("name", "referrer", "no-referrer"),
            new XElement("title", document.Title.Text),
            new XElement("style", Style)),
        new XElement(
            "body",
            new XElement(
                "header",
                new XElement("h1", document.Title.Text),
                new XElement("p", new XElement("span", Class($"badge {Name(document.Tone)}"), document.State)),
                new XElement("p", document.Maker)),
            new XElement("main", document.Sections.Select(Section)))));

    private static XElement Section(ReportSection section) =>
        new("section", new XElement("h2", section.Title), section.Blocks.SelectMany(Block));

    private static IEnumerable<XElement> Block(ReportBlock block) => block switch
    {
        ReportBlock.Facts facts => [new XElement("dl", facts.Items.SelectMany(item => (XElement[])[new("dt", item.Label), new("dd", Text(item.Value))]))],
        ReportBlock.Table table => Table(table),
        ReportBlock.Note note => [new XElement("p", Class($"note {Name(note.Tone)}"), new XElement("span", Text(note.Text)))],
        ReportBlock.Paragraph paragraph => [new XElement("p", Text(paragraph.Text))],
        ReportBlock.Steps steps => [new XElement("ol", steps.Items.Select(item => new XElement("li", Text(item))))],
        ReportBlock.Command command => [new XElement("pre", new XElement("code", command.Text.Text))],
        ReportBlock.Disk disk => [DiskDrawing.Draw(disk.Spans)],
        ReportBlock.Pictures pictures => pictures.Items.Select(Picture),
        _ => throw new ArgumentOutOfRangeException(nameof(block)),
    };

    private static IEnumerable<XElement> Table(ReportBlock.Table table)
    {
        if (table.Title.Text.Length > 0)
        {
            yield return new XElement("h3", table.Title.Text);
        }

        yield return new XElement(
            "table",
            new XElement("thead", new XElement("tr", table.Columns.Select(name => new XElement("th", new XAttribute("scope", "col"), name)))),
            new XElement("tbody", table.Rows.Select(row => new XElement("tr", row.Zip(table.Columns, Cell)))));
    }

    private static XElement Cell(ReportCell cell, string column) => cell.Text.Length == 0
        ? new XElement("td")
        : new XElement("td", new XAttribute("data-label", column), cell.IsCode ? new XElement("code", cell.Text) : new XElement("span", cell.Text));

    private static XElement Picture(ReportPicture picture) => new(
        "figure",
        picture.Content is { } content
            ? new XElement(
                "img", new XAttribute("alt", picture.Caption.Text), new XAttribute("src", $"data:image/png;base64,{Convert.ToBase64String(content)}"))
            : null,
        new XElement("figcaption", picture.Caption.Text + (picture.Content is null ? " (the file is not there any more, or is no picture)" : "")));

    private static object Text(ReportCell cell) => cell.IsCode ? new XElement("code", cell.Text) : cell.Text;

    private static XAttribute Class(string name) => new("class", name);

    private static string Name(ReportTone tone) => tone.ToString().ToLower(CultureInfo.InvariantCulture);

    private static XElement Meta(string name, string value, string? content = null) =>
        new("meta", new XAttribute(name, value), content is null ? null : new XAttribute("content", content));
}
