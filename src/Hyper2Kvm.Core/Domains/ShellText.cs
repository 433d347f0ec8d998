using System.Text;

namespace Hyper2Kvm.Domains;

/// <summary>Words of a POSIX shell script.</summary>
internal static class ShellText
{
    // No text of a domain has control characters: DomainChecks.
    private const char Mark = '\u0001';

    /// <summary>Stands for a variable of the script within a word.</summary>
    public static string Variable(string name) => $"{Mark}{name}{Mark}";

    /// <summary>One word of a command, with its variables.</summary>
    public static string Quote(string word)
    {
        StringBuilder text = new();
        string[] parts = word.Split(Mark);
        for (int i = 0; i < parts.Length; i++)
        {
            text.Append((i & 1) == 1 ? $"\"${{{parts[i]}}}\"" : parts[i].Length > 0 || parts.Length == 1 ? Literal(parts[i]) : "");
        }

        return text.ToString();
    }

    private static string Literal(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '=' or ',' or '+' or '@')
            ? text
            : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
