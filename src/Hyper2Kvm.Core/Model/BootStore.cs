using System.Text;

namespace Hyper2Kvm;

/// <summary>A boot configuration store with all that it holds. Plain data, no handles.</summary>
public sealed record BootStore
{
    private const int ValueColumn = 24;

    /// <summary>Not public, for PowerShell would make a store full of nulls from any object that has some of its properties.</summary>
    internal BootStore()
    {
    }

    /// <summary>The disk that it is on; null for a file of its own.</summary>
    public WindowsLayout? Layout { get; init; }

    /// <summary>The disk image, or the store's own file on the host.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Path on <see cref="Partition"/>, or on the host for a file of its own.</summary>
    public required string StorePath { get; init; }

    /// <summary>The partition that holds it; null for a file of its own.</summary>
    public PartitionInfo? Partition { get; init; }

    /// <summary>Which firmware starts from it, by where it lies or, for a file of its own, by what its loaders are called; null when
    /// neither tells.</summary>
    public FirmwareMode? Firmware { get; init; }

    /// <summary>Version of the hive format, for example 1.3.</summary>
    public required string FormatVersion { get; init; }

    /// <summary>GUID of the entry that starts unasked, in braces; null when there is none.</summary>
    public string? DefaultId { get; init; }

    /// <summary>All objects, the boot managers and the default entry first.</summary>
    public required IReadOnlyList<BcdEntry> Entries { get; init; }

    /// <summary>What is not as it should be, but does not hinder reading.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The text that <c>bcdedit /enum all</c> prints, with partitions as this disk has them.</summary>
    public string ToListing() => string.Join(Environment.NewLine, Entries.Select(Listing));

    public override string ToString() => StorePath;

    private static string Listing(BcdEntry entry)
    {
        StringBuilder text = new();
        text.AppendLine(entry.Type).Append('-', entry.Type.Length).AppendLine();
        Append(text, "identifier", [entry.Alias]);
        foreach (BcdSetting setting in entry.Settings)
        {
            Append(text, setting.Name, setting.Values);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, IReadOnlyList<string> values)
    {
        string head = name.PadRight(ValueColumn - 1) + ' ';
        foreach (string value in values.Count == 0 ? [""] : values)
        {
            text.AppendLine((head + value).TrimEnd());
            head = new string(' ', ValueColumn);
        }
    }
}
