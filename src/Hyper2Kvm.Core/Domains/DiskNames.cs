namespace Hyper2Kvm.Domains;

/// <summary>Gives each disk of a domain its target name. SATA, SCSI and USB share the names sd*.</summary>
internal sealed class DiskNames
{
    private const int IdePlaces = 4;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>An IDE machine has two channels of two.</summary>
    public bool IdeIsFull => _taken.Count(name => name.StartsWith("hd", StringComparison.Ordinal)) == IdePlaces;

    public string Reserve(string name) => _taken.Add(name) ? name : throw new ArgumentException($"{name} is taken.", nameof(name));

    /// <summary>The first free name on a bus: <c>sda</c>, then <c>sdb</c>, and after <c>sdz</c> <c>sdaa</c>.</summary>
    public string Next(string bus)
    {
        string prefix = bus switch
        {
            "virtio" => "vd",
            "ide" => "hd",
            _ => "sd",
        };
        for (int i = 0; ; i++)
        {
            string name = prefix + Letters(i);
            if (_taken.Add(name))
            {
                return name;
            }
        }
    }

    private static string Letters(int index) =>
        (index >= 26 ? Letters((index / 26) - 1) : "") + (char)('a' + (index % 26));
}
