using System.Collections;
using System.Globalization;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>A hashtable of the user's as texts.</summary>
internal static class TextDictionary
{
    /// <summary>Keys without regard to case; of keys that are equal then, the last one counts.</summary>
    public static IReadOnlyDictionary<string, string> ToTexts(this IDictionary table)
    {
        Dictionary<string, string> texts = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            texts[Text(entry.Key)] = Text(entry.Value);
        }

        return texts;
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
