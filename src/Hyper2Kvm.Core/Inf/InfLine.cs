namespace Hyper2Kvm.Inf;

/// <summary>One entry of a section: <c>key = value, value</c>, or values alone. Quotes are gone, tokens are not yet resolved.</summary>
/// <param name="Key">Text before the equals sign; null when the line has none.</param>
/// <param name="Values">The fields; omitted ones are empty.</param>
/// <param name="Number">Line number in the file, from 1.</param>
/// <param name="Offset">Byte offset of the line in the file.</param>
public sealed record InfLine(string? Key, IReadOnlyList<string> Values, int Number, long Offset)
{
    /// <summary>The field at <paramref name="index"/>, empty when the line is shorter.</summary>
    public string Value(int index) => index < Values.Count ? Values[index] : "";
}
