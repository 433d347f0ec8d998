using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Properties of objects whose types we do not have. What is not there, or cannot be read, is null.</summary>
internal static class ForeignProperties
{
    private const string Deserialized = "Deserialized.";

    public static bool HasType(this PSObject input, string typeName) => input.TypeNames.Any(name =>
        (name.StartsWith(Deserialized, StringComparison.Ordinal) ? name[Deserialized.Length..] : name) == typeName);

    public static bool Has(this PSObject input, string property) => input.Properties[property] is not null;

    /// <summary>The value at a path of property names.</summary>
    public static PSObject? Get(this PSObject? input, params string[] path)
    {
        PSObject? current = input;
        foreach (string name in path)
        {
            object? value;
            try
            {
                value = current?.Properties[name]?.Value;
            }
            catch (GetValueException)
            {
                return null; // a property of a live object that asks a server which is gone
            }

            current = value is null ? null : PSObject.AsPSObject(value);
        }

        return current;
    }

    /// <summary>As text, or empty: enums, which deserialize to text, become their names.</summary>
    public static string Text(this PSObject? input, params string[] path) => input.Get(path)?.ToString()?.Trim() ?? "";

    public static long? Number(this PSObject? input, params string[] path) => input.Get(path)?.BaseObject switch
    {
        null or string { Length: 0 } => null,
        IConvertible number when decimal.TryParse(
            number.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value)
            && value is >= 0 and <= long.MaxValue => (long)value,
        _ => null,
    };

    public static decimal? Decimal(this PSObject? input, params string[] path) => input.Get(path)?.BaseObject is IConvertible number
        && decimal.TryParse(number.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value)
            ? value
            : null;

    public static bool? Flag(this PSObject? input, params string[] path) => input.Text(path).ToUpperInvariant() switch
    {
        "TRUE" or "ON" => true,
        "FALSE" or "OFF" => false,
        _ => null,
    };

    /// <summary>The elements of a list, or the one thing that is there.</summary>
    public static IReadOnlyList<PSObject> List(this PSObject? input, params string[] path) => input.Get(path)?.BaseObject switch
    {
        null => [],
        IEnumerable list and not string => [.. list.Cast<object?>().OfType<object>().Select(PSObject.AsPSObject)],
        object one => [PSObject.AsPSObject(one)],
    };
}
