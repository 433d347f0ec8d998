namespace Hyper2Kvm.Bcd;

/// <summary>Where things are in the hive of a store.</summary>
public static class BcdKeys
{
    /// <summary>Name of the value that holds an element.</summary>
    public const string ElementValue = "Element";

    /// <summary>Path of an element's key. Windows writes GUIDs and types in lower case; keys are found in any.</summary>
    public static string Element(Guid item, uint type) => FormattableString.Invariant($@"Objects\{item:B}\Elements\{type:x8}");
}
