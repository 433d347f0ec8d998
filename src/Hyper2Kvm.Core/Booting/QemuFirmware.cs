using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Booting;

// docs/interop/firmware.json of QEMU: descriptors in JSON, chosen by the order of their file names, as libvirt does.

/// <summary>A UEFI firmware of this host.</summary>
/// <param name="Code">The executable.</param>
/// <param name="VariablesTemplate">The variable store to copy.</param>
internal sealed record QemuFirmware(string Code, string VariablesTemplate)
{
    /// <summary>A file of a lower name or in an earlier folder hides the later ones.</summary>
    private static readonly string[] s_folders = ["/etc/qemu/firmware", "/usr/local/share/qemu/firmware", "/usr/share/qemu/firmware"];

    /// <param name="architecture"><c>x86_64</c> or <c>i386</c>.</param>
    /// <param name="machine"><c>q35</c>.</param>
    /// <param name="secureBoot">With Microsoft's keys enrolled.</param>
    /// <param name="hasSmm">The machine has System Management Mode, which some firmware needs.</param>
    /// <returns>Null when the host has none that fits.</returns>
    public static QemuFirmware? Find(string architecture, string machine, bool secureBoot, bool hasSmm = false) =>
        s_folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*.json"))
            .DistinctBy(Path.GetFileName)
            .OrderBy(Path.GetFileName, StringComparer.Ordinal)
            .Select(file => Read(file, architecture, machine, secureBoot, hasSmm))
            .FirstOrDefault(firmware => firmware is not null);

    /// <returns>Null for a firmware that does not fit, and for a descriptor in a form that this module does not know.</returns>
    private static QemuFirmware? Read(string file, string architecture, string machine, bool secureBoot, bool hasSmm)
    {
        if (Parse(File.ReadAllText(file)) is not { } descriptor || !Texts(descriptor["interface-types"]).Contains("uefi"))
        {
            return null;
        }

        bool isForMachine = Items(descriptor["targets"]).OfType<JsonObject>().Any(target => Text(target["architecture"]) == architecture
            && Texts(target["machines"]).Any(pattern => Matches($"pc-{machine}-1", pattern)));
        string[] features = [.. Texts(descriptor["features"])];
        bool hasFeatures = secureBoot
            ? features.Contains("secure-boot") && features.Contains("enrolled-keys")
            : (hasSmm || !features.Contains("requires-smm")) && !features.Contains("enrolled-keys");
        JsonObject? mapping = descriptor["mapping"] as JsonObject;
        string? code = Text((mapping?["executable"] as JsonObject)?["filename"]);
        string? variables = Text((mapping?["nvram-template"] as JsonObject)?["filename"]);
        return isForMachine && hasFeatures && File.Exists(code) && File.Exists(variables) ? new QemuFirmware(code, variables) : null;
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonNode?> Items(JsonNode? list) => list as JsonArray ?? [];

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static IEnumerable<string> Texts(JsonNode? list) => Items(list).Select(Text).OfType<string>();
    private static bool Matches(string machine, string pattern) =>
        Regex.IsMatch(machine, $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}$", RegexOptions.None, TimeSpan.FromSeconds(1));
}
