using System.Buffers;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems;

/// <summary>An absolute path inside one volume of a guest, <c>\Windows\System32</c>. Case is kept, and ignored when comparing.</summary>
/// <remarks>Both slashes separate. <c>.</c>, <c>..</c>, control characters and <c>:</c> are refused, so no path can leave its volume
/// or name a stream.</remarks>
public readonly record struct GuestPath
{
    private static readonly char[] s_separators = ['\\', '/'];
    private static readonly SearchValues<char> s_forbidden = SearchValues.Create(":*?\"<>|");

    private readonly string? _text;

    /// <exception cref="GuestStateException">A part of the path is not a file name.</exception>
    public GuestPath(string path)
    {
        string[] parts = path.Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
        foreach (string part in parts)
        {
            CheckName(part, path);
        }

        _text = "\\" + string.Join('\\', parts);
    }

    private GuestPath(string text, bool _) => _text = text;

    public static GuestPath Root { get; } = new("\\", true);

    public bool IsRoot => Text.Length == 1;

    /// <summary>The last part; empty for the root.</summary>
    public string Name => Text[(Text.LastIndexOf('\\') + 1)..];

    public GuestPath Parent => IsRoot ? this : new GuestPath(Text.LastIndexOf('\\') is var at and > 0 ? Text[..at] : "\\", true);

    public IReadOnlyList<string> Parts => IsRoot ? [] : Text[1..].Split('\\');

    private string Text => _text ?? "\\";

    public static implicit operator GuestPath(string path) => new(path);

    public static GuestPath operator /(GuestPath directory, string relative) => directory.Combine(relative);

    public static GuestPath FromString(string path) => new(path);

    public static GuestPath Divide(GuestPath left, string right) => left.Combine(right);

    public GuestPath Combine(string relative) => new(Text + "\\" + relative);

    /// <summary>What lies in this directory under a name as stored. False where the name could not be typed: a damaged or hostile volume may hold
    /// <c>..</c>, slashes or control characters.</summary>
    public bool TryAppend(string name, out GuestPath path)
    {
        bool isName = name.Length > 0 && !name.AsSpan().ContainsAny(s_separators) && IsName(name);
        path = isName ? new GuestPath(IsRoot ? $"\\{name}" : $"{Text}\\{name}", true) : default;
        return isName;
    }

    public bool Equals(GuestPath other) => string.Equals(Text, other.Text, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);

    public override string ToString() => Text;

    private static void CheckName(string part, string path)
    {
        if (!IsName(part))
        {
            throw new GuestStateException(
                "GuestPathInvalid",
                Printable(path),
                $"'{Printable(path)}' is not a path inside a guest: the part '{Printable(part)}' is not a file name.",
                "Give an absolute path without '.', '..', streams or control characters.");
        }
    }

    private static bool IsName(string part) =>
        part is not ("." or "..") && part.Length <= 255 && !part.AsSpan().ContainsAny(s_forbidden) && !part.AsSpan().ContainsAnyInRange('\0', '\u001F');

    private static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:X4}" : c.ToString()));
}
