using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>Text as Markdown (CommonMark with the tables of GitHub): what it says is shown, and does nothing.
/// GitHub makes a link of a mail address whatever is done about it.</summary>
internal static partial class MarkdownText
{
    private const string Active = @"\`*_{}[]<>#|~&!$";

    /// <param name="cell">What to show.</param>
    /// <param name="inTable">Within a table's row, where a bar ends the cell even in code: such code is shown as text.</param>
    public static string Of(ReportCell cell, bool inTable = false) =>
        cell.IsCode && !(inTable && cell.Text.Contains('|', StringComparison.Ordinal)) ? Code(cell.Text) : Plain(cell.Text);

    /// <summary>A block of code; its fence is longer than any in the text.</summary>
    public static string Block(string text)
    {
        string fence = new('`', Math.Max(3, LongestRun(text) + 1));
        return $"{fence}\n{text}\n{fence}";
    }

    private static string Plain(string text)
    {
        StringBuilder plain = new(text.Length + 8);
        for (int i = 0; i < text.Length; i++)
        {
            bool startsList = plain.Length == 0 && text[i] is '-' or '+';
            // An address would become a link by itself.
            bool isAddress = (text[i] == ':' && string.CompareOrdinal(text, i, "://", 0, 3) == 0)
                || (text[i] == '.' && i >= 3 && text.AsSpan(i - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase));
            if (Active.Contains(text[i], StringComparison.Ordinal) || startsList || isAddress)
            {
                plain.Append('\\');
            }

            plain.Append(text[i]);
        }

        return NumberedItem().Replace(plain.ToString(), @"$1\$2");
    }

    private static string Code(string text)
    {
        string fence = new('`', LongestRun(text) + 1);
        string room = text.StartsWith('`') || text.EndsWith('`') || text.Trim().Length == 0 ? " " : "";
        return fence + room + text + room + fence;
    }

    private static int LongestRun(string text)
    {
        int longest = 0;
        int run = 0;
        foreach (char c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    [GeneratedRegex(@"^(\d+)([.)])(?=\s|$)")]
    private static partial Regex NumberedItem();
}
