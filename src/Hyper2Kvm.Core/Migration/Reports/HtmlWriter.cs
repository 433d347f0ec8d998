using System.Text;
using System.Xml.Linq;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>A tree of elements as HTML. All text passes here, so nothing that a guest calls its things can become markup.</summary>
internal static class HtmlWriter
{
    /// <summary>Elements without an end tag: https://html.spec.whatwg.org/#void-elements.</summary>
    private static readonly HashSet<string> s_void = ["meta", "br", "img", "link"];

    /// <summary>Their content is taken as it is; only text of ours goes there.</summary>
    private static readonly HashSet<string> s_raw = ["style"];

    public static string Write(XElement root)
    {
        StringBuilder text = new("<!DOCTYPE html>\n");
        Write(text, root);
        return text.Append('\n').ToString();
    }

    private static void Write(StringBuilder text, XElement element)
    {
        string name = element.Name.LocalName;
        text.Append('<').Append(name);
        foreach (XAttribute attribute in element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration))
        {
            text.Append(' ').Append(attribute.Name.LocalName).Append("=\"");
            Escape(text, attribute.Value);
            text.Append('"');
        }

        text.Append('>');
        if (s_void.Contains(name))
        {
            return;
        }

        foreach (XNode node in element.Nodes())
        {
            switch (node)
            {
                case XElement child:
                    Write(text, child);
                    break;
                case XText { Value: var value } when s_raw.Contains(name):
                    text.Append(value);
                    break;
                case XText { Value: var value }:
                    Escape(text, value);
                    break;
            }
        }

        text.Append("</").Append(name).Append('>');
        if (name is "tr" or "p" or "li" or "section" or "table" or "h2" or "h3" or "head" or "figure" or "dd")
        {
            text.Append('\n');
        }
    }

    private static void Escape(StringBuilder text, string value)
    {
        foreach (char c in value)
        {
            _ = c switch
            {
                '<' => text.Append("&lt;"),
                '>' => text.Append("&gt;"),
                '&' => text.Append("&amp;"),
                '"' => text.Append("&quot;"),
                '\'' => text.Append("&#39;"),
                _ => text.Append(c),
            };
        }
    }
}
