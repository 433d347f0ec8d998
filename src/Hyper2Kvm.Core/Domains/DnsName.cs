namespace Hyper2Kvm.Domains;

/// <summary>Names where only those of DNS are allowed: RFC 1123, 2.1.</summary>
internal static class DnsName
{
    // A label has 63; the rest is for what is put behind it.
    private const int Limit = 50;

    /// <summary>A label in lower case: other characters become dashes.</summary>
    public static string Label(string text)
    {
        string plain = new([.. text.Take(Limit).Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')]);
        plain = plain.Trim('-');
        return plain.Length > 0 ? plain : "windows";
    }
}
