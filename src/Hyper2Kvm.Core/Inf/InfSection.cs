namespace Hyper2Kvm.Inf;

/// <summary>All lines of one section; sections that a file repeats are one.</summary>
public sealed class InfSection
{
    private readonly List<InfLine> _lines = [];
    private readonly Dictionary<string, InfLine> _firstByKey = new(StringComparer.OrdinalIgnoreCase);

    internal InfSection(string name) => Name = name;

    public string Name { get; }

    public IReadOnlyList<InfLine> Lines => _lines;

    /// <summary>The first line with that key, or null: what SetupFindFirstLine finds.</summary>
    public InfLine? Find(string key) => _firstByKey.GetValueOrDefault(key);

    /// <summary>All lines with that key.</summary>
    public IEnumerable<InfLine> FindAll(string key)
    {
        foreach (InfLine line in _lines)
        {
            if (string.Equals(line.Key, key, StringComparison.OrdinalIgnoreCase))
            {
                yield return line;
            }
        }
    }

    internal void Add(InfLine line)
    {
        _lines.Add(line);
        if (line.Key is not null)
        {
            _firstByKey.TryAdd(line.Key, line);
        }
    }
}
