using System.Text;
using System.Text.Json.Nodes;

namespace Hyper2Kvm.Domains;

/// <summary>Writes YAML 1.2 in block style: plain keys, quoted strings, so that no value is taken for another type.</summary>
internal static class YamlWriter
{
    /// <param name="document">Of objects, arrays, strings in ASCII, numbers and truth values; keys are plain words.</param>
    public static string Write(JsonObject document)
    {
        StringBuilder text = new();
        foreach ((string key, JsonNode? value) in document)
        {
            AddEntry(text, key, value, 0);
        }

        return text.ToString();
    }

    private static void AddEntry(StringBuilder text, string key, JsonNode? value, int depth)
    {
        text.Append(key).Append(':');
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                foreach ((string name, JsonNode? item) in map)
                {
                    Indent(text, depth + 1);
                    AddEntry(text, name, item, depth + 1);
                }

                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                foreach (JsonNode? item in list)
                {
                    AddItem(text, item!.AsObject(), depth);
                }

                break;
            default:
                text.Append(' ').Append(value?.ToJsonString() ?? "null").Append('\n');
                break;
        }
    }

    /// <summary>The first entry stands behind the dash, the others below it.</summary>
    private static void AddItem(StringBuilder text, JsonObject item, int depth)
    {
        bool isFirst = true;
        foreach ((string name, JsonNode? value) in item)
        {
            Indent(text, isFirst ? depth : depth + 1);
            text.Append(isFirst ? "- " : "");
            AddEntry(text, name, value, depth + 1);
            isFirst = false;
        }
    }

    private static void Indent(StringBuilder text, int depth) => text.Append(' ', depth * 2);
}
