using System.Globalization;
using System.Text.Json;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>A value in the rules and the path to it, so that every complaint says where.</summary>
internal sealed record JsonPlace(JsonElement Value, string Path, string File)
{
    public static GuestStateException Invalid(string file, string path, string expected, string found, Exception? inner = null) => new(
        "DriverRulesInvalid", file, $"{file} {path}: expected {expected}, found {found}.",
        "Correct the file; driver-rules.schema.json and about_Hyper2Kvm show its shape.", inner);

    public GuestStateException Invalid(string expected)
    {
        string text = Value.GetRawText();
        return Invalid(File, Path, expected, text.Length > 60 ? text[..60] + "..." : text);
    }

    /// <summary>Refuses a value that is no object, unknown keys and keys given twice.</summary>
    public void OnlyKeys(params string[] keys)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty property in Object().EnumerateObject())
        {
            if (!keys.Contains(property.Name))
            {
                throw Invalid(File, $"{Path}.{property.Name}", $"one of {string.Join(", ", keys)}", $"the unknown key '{property.Name}'");
            }

            if (!seen.Add(property.Name))
            {
                throw Invalid(File, $"{Path}.{property.Name}", "the key once", "it twice");
            }
        }
    }

    public JsonPlace Required(string key) => Optional(key) ?? throw Invalid(File, Path, $"a key '{key}'", "none");

    public JsonPlace? Optional(string key) =>
        Object().TryGetProperty(key, out JsonElement value) ? new JsonPlace(value, $"{Path}.{key}", File) : null;

    /// <summary>The entries of the list at that key; none when there is no such key.</summary>
    public IReadOnlyList<JsonPlace> Items(string key) => Optional(key)?.Items() ?? [];

    public IReadOnlyList<JsonPlace> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
        {
            throw Invalid("a list");
        }

        return [.. Value.EnumerateArray().Select((item, i) =>
            new JsonPlace(item, string.Create(CultureInfo.InvariantCulture, $"{Path}[{i}]"), File))];
    }

    public string Text() =>
        Value.ValueKind == JsonValueKind.String && Value.GetString() is { Length: > 0 } text ? text : throw Invalid("a text that is not empty");

    public int Integer() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out int number) ? number : throw Invalid("an integer");

    public T OneOf<T>(IReadOnlyDictionary<string, T> values) =>
        Value.ValueKind == JsonValueKind.String && values.TryGetValue(Value.GetString()!, out T? value)
            ? value
            : throw Invalid($"one of {string.Join(", ", values.Keys)}");

    private JsonElement Object() => Value.ValueKind == JsonValueKind.Object ? Value : throw Invalid("an object");
}
