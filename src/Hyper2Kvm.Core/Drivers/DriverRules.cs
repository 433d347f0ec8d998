using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>Which driver a guest gets and where it lies in a driver source; the default ones are <c>data/virtio-win.yaml</c>.</summary>
public sealed record DriverRules
{
    /// <summary>File that they come from, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Directory names that stand for an architecture.</summary>
    public required IReadOnlyDictionary<GuestArchitecture, IReadOnlyList<string>> Architectures { get; init; }

    /// <summary>Paths of a package below the source, with <c>{driver}</c>, <c>{os}</c> and <c>{arch}</c>.</summary>
    public required IReadOnlyList<string> Layouts { get; init; }

    public required IReadOnlyList<DriverDefinition> Drivers { get; init; }

    /// <summary>In the order in which they are tried.</summary>
    public required IReadOnlyList<DriverRule> Rules { get; init; }

    /// <param name="json">The rules; see <c>driver-rules.schema.json</c>.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="GuestStateException"><c>DriverRulesInvalid</c>: names the place by its path, <c>$.rules[3].builds.from</c>.</exception>
    public static DriverRules Parse(string json, string name) => DriverRulesReader.Read(json, name);

    /// <summary>These rules with a user's laid over them: what has a known name replaces it, what is new is tried first.</summary>
    public DriverRules Extend(DriverRules user)
    {
        Dictionary<GuestArchitecture, IReadOnlyList<string>> architectures = new(Architectures);
        foreach ((GuestArchitecture architecture, IReadOnlyList<string> directories) in user.Architectures)
        {
            architectures[architecture] = directories;
        }

        return this with
        {
            Name = $"{Name} with {user.Name}",
            Architectures = architectures,
            Layouts = [.. user.Layouts.Union(Layouts)],
            Drivers = Merge(Drivers, user.Drivers, driver => driver.Name),
            Rules = Merge(Rules, user.Rules, rule => rule.Name),
        };
    }

    /// <summary>The first rule that fits.</summary>
    /// <exception cref="GuestItemNotFoundException"><c>DriverRuleNotFound</c>.</exception>
    internal DriverRule RuleFor(WindowsVersion windows) => Rules.FirstOrDefault(candidate => candidate.Fits(windows))
        ?? throw new GuestItemNotFoundException(
            "DriverRuleNotFound",
            windows.ToString(),
            $"No driver rule fits {windows} ({(windows.IsServer ? "server" : "client")}); the rules are {string.Join(", ", Rules)}.",
            "Add a rule for it in a file of your own.");

    /// <summary>The directory names that stand for an architecture.</summary>
    /// <exception cref="GuestStateException"><c>DriverRulesInvalid</c>: there are none.</exception>
    internal IReadOnlyList<string> DirectoriesOf(GuestArchitecture architecture) => Architectures.GetValueOrDefault(architecture)
        ?? throw new GuestStateException(
            "DriverRulesInvalid", Name, $"{Name} $.architectures: expected directories for {architecture}, found none.", "Add them.");

    public override string ToString() => Name;

    private static List<T> Merge<T>(IReadOnlyList<T> defaults, IReadOnlyList<T> user, Func<T, string> name)
    {
        HashSet<string> replaced = new(user.Select(name), StringComparer.OrdinalIgnoreCase);
        return [.. user, .. defaults.Where(item => !replaced.Contains(name(item)))];
    }
}
