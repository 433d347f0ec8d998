using System.Text;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Hyper2Kvm.HelpTool;

/// <summary>Markdown as the text that Get-Help shows.</summary>
internal static class PlainText
{
    /// <summary>One paragraph, list item or code block each.</summary>
    public static IEnumerable<string> Of(IEnumerable<Block> blocks) => blocks.SelectMany(Texts);

    public static string Of(LeafBlock block) => block.Inline is null ? "" : Of(block.Inline).Trim();

    private static IEnumerable<string> Texts(Block block) => block switch
    {
        CodeBlock code => [string.Join('\n', code.Lines.Lines.Take(code.Lines.Count).Select(line => "    " + line))],
        LeafBlock leaf => [Of(leaf)],
        ListBlock list => list.Select(item => "- " + string.Join("\n  ", Of((IEnumerable<Block>)(ListItemBlock)item))),
        ContainerBlock container => Of((IEnumerable<Block>)container),
        _ => [],
    };

    private static string Of(ContainerInline container)
    {
        StringBuilder text = new();
        foreach (Inline inline in container)
        {
            text.Append(inline switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                HtmlEntityInline entity => entity.Transcoded.ToString(),
                LineBreakInline => " ",
                LinkInline { Url: { } url } link when url.StartsWith("http", StringComparison.Ordinal) => $"{Of(link)} ({url})",
                ContainerInline inner => Of(inner),
                _ => "",
            });
        }

        return text.ToString();
    }
}
