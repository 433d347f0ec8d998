using System.Text.Json;

namespace Hyper2Kvm.Editing;

/// <summary>What the change log, the state of a migration and its report write in the same way.</summary>
internal static class RecordJson
{
    public static void Write(Utf8JsonWriter json, GuestChange change)
    {
        json.WriteString("step", change.Step);
        json.WriteString("kind", change.Kind.ToString());
        json.WriteString("target", change.Target);
        json.WriteString("before", change.Before);
        json.WriteString("after", change.After);
    }

    public static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    public static void List<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
