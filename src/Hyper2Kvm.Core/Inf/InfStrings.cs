using System.Text;

namespace Hyper2Kvm.Inf;

/// <summary>The <c>%token%</c> texts of an INF.</summary>
/// <remarks>From <c>[Strings]</c>; a language's own section (<c>[Strings.0407]</c>) counts only where there is no default one,
/// English (0409) first.</remarks>
internal static class InfStrings
{
    private const string Default = "Strings";

    public static IReadOnlyDictionary<string, string> Read(IReadOnlyDictionary<string, InfSection> sections)
    {
        Dictionary<string, string> strings = new(StringComparer.OrdinalIgnoreCase);
        foreach (InfLine line in Choose(sections)?.Lines ?? [])
        {
            if (line.Key is not null)
            {
                strings.TryAdd(line.Key, line.Value(0));
            }
        }

        return strings;
    }

    /// <summary>Replaces tokens once, <c>%%</c> by <c>%</c>. What is no string stays: directory ids (<c>%12%</c>) above all.</summary>
    public static string Resolve(string text, IReadOnlyDictionary<string, string> strings)
    {
        int at = text.IndexOf('%', StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        StringBuilder result = new();
        int start = 0;
        while (at >= 0)
        {
            result.Append(text, start, at - start);
            int end = at + 1 < text.Length ? text.IndexOf('%', at + 1) : -1;
            if (end < 0)
            {
                start = at;
                break;
            }

            string token = text[(at + 1)..end];
            result.Append(token.Length == 0 ? "%" : strings.TryGetValue(token, out string? value) ? value : $"%{token}%");
            start = end + 1;
            at = start < text.Length ? text.IndexOf('%', start) : -1;
        }

        return result.Append(text, start, text.Length - start).ToString();
    }

    /// <summary>The tokens that <paramref name="text"/> uses and that are strings of the INF.</summary>
    public static IEnumerable<string> TokensOf(string text, IReadOnlyDictionary<string, string> strings)
    {
        string[] parts = text.Split('%');
        for (int i = 1; i < parts.Length - 1; i += 2)
        {
            if (strings.ContainsKey(parts[i]))
            {
                yield return parts[i];
            }
        }
    }

    private static InfSection? Choose(IReadOnlyDictionary<string, InfSection> sections)
    {
        if (sections.TryGetValue(Default, out InfSection? chosen) || sections.TryGetValue(Default + ".0409", out chosen))
        {
            return chosen;
        }

        foreach (InfSection section in sections.Values)
        {
            if (section.Name.StartsWith(Default + ".", StringComparison.OrdinalIgnoreCase)
                && (chosen is null || string.CompareOrdinal(section.Name, chosen.Name) < 0))
            {
                chosen = section;
            }
        }

        return chosen;
    }
}
