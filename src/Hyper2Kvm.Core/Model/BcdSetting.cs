namespace Hyper2Kvm;

/// <summary>One element of an object of a boot store, as bcdedit shows it.</summary>
/// <param name="ElementType">The element's type, the name of its key as a number: 0x21000001.</param>
/// <param name="Name">bcdedit's name: <c>osdevice</c>; <c>custom:46000010</c> where bcdedit has none.</param>
/// <param name="Kind">What its value is: Device, Text, Object, ObjectList, Integer, Flag, IntegerList; Unknown for anything else.</param>
/// <param name="Values">The value in bcdedit's words, one for each item of a list; none when the stored bytes do not fit the kind.</param>
public sealed record BcdSetting(uint ElementType, string Name, string Kind, IReadOnlyList<string> Values)
{
    /// <summary>All of it on one line.</summary>
    public string Value => string.Join(", ", Values);

    public override string ToString() => $"{Name} {Value}".TrimEnd();
}
