using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing;

/// <summary>Edits one hive and records every change, before and after. What is as wanted already is left alone.</summary>
internal sealed class HiveEditor(Hive hive, GuestPath path, string prefix, ChangeRecorder recorder, DateTime utcNow)
{
    public Hive Hive => hive;

    /// <summary>The hive's file in the guest.</summary>
    public GuestPath Path => path;

    public void SetDword(string key, string name, uint value)
    {
        byte[] data = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, value);
        Set(key, name, HiveValueType.Dword, data);
    }

    public void SetQword(string key, string name, long value)
    {
        byte[] data = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(data, value);
        Set(key, name, HiveValueType.Qword, data);
    }

    public void SetString(string key, string name, string value) => Set(key, name, HiveValueType.String, Text(value));

    public void SetExpandString(string key, string name, string value) => Set(key, name, HiveValueType.ExpandString, Text(value));

    public void SetMultiString(string key, string name, params string[] values) =>
        Set(key, name, HiveValueType.MultiString, Text(string.Concat(values.Select(value => value + '\0'))));

    public void SetBinary(string key, string name, ReadOnlySpan<byte> value) => Set(key, name, HiveValueType.Binary, value);

    /// <summary>Writes the value unless it is there with the same type and data; missing keys are made.</summary>
    public void Set(string key, string name, int type, ReadOnlySpan<byte> data)
    {
        HiveKey node = EnsureKey(key);
        HiveValue? before = node.GetValue(name);
        string target = $@"{prefix}\{key}\{(name.Length == 0 ? "(Default)" : name)}";
        if (before is not null && before.Type == type && before.Data().AsSpan().SequenceEqual(data))
        {
            recorder.AddUnchanged(target, before.Format());
            return;
        }

        string? old = before?.Format();
        node.SetValue(name, type, data, utcNow);
        recorder.Add(
            old is null ? GuestChangeKind.ValueAdded : GuestChangeKind.ValueChanged, target, old, node.GetValue(name)!.Format());
    }

    /// <summary>Applies what an INF asks for below a key.</summary>
    public void Set(string key, IEnumerable<PlannedRegistryValue> values)
    {
        foreach (PlannedRegistryValue value in values)
        {
            string place = value.Key.Length == 0 ? key : $@"{key}\{value.Key}";
            if (value.Name is null)
            {
                EnsureKey(place);
            }
            else
            {
                Set(place, value.Name, value.Type, [.. value.Data]);
            }
        }
    }

    /// <summary>The key, made with its parents where it is missing.</summary>
    public HiveKey EnsureKey(string key)
    {
        if (hive.Find(key) is { } existing)
        {
            return existing;
        }

        string parent = key.LastIndexOf('\\') is var at and > 0 ? key[..at] : "";
        if (parent.Length > 0)
        {
            EnsureKey(parent);
        }

        HiveKey made = hive.Root.Create(key, utcNow);
        recorder.Add(GuestChangeKind.KeyAdded, $@"{prefix}\{key}", null, "");
        return made;
    }

    /// <summary>Deletes a key with all that is below it; nothing happens when it is not there.</summary>
    public void DeleteKey(string key)
    {
        int at = key.LastIndexOf('\\');
        if (hive.Find(key) is not { } node || hive.Find(key[..at]) is not { } parent)
        {
            return;
        }

        string before = string.Join(", ", node.Values.Select(value => $"{value.Name}={value.Format()}"));
        parent.DeleteSubkey(key[(at + 1)..]);
        recorder.Add(GuestChangeKind.KeyDeleted, $@"{prefix}\{key}", before, null);
    }

    /// <summary>Deletes a value; nothing happens when it is not there.</summary>
    public void DeleteValue(string key, string name)
    {
        if (hive.Find(key) is not { } node || node.GetValue(name) is not { } value)
        {
            return;
        }

        string before = value.Format();
        node.DeleteValue(name, utcNow);
        recorder.Add(GuestChangeKind.ValueDeleted, $@"{prefix}\{key}\{(name.Length == 0 ? "(Default)" : name)}", before, null);
    }

    private static byte[] Text(string value) => Encoding.Unicode.GetBytes(value + '\0');
}
