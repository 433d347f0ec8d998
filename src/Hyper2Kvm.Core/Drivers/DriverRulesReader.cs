using System.Text.Json;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Drivers;

/// <summary>Reads and checks driver rules: what <c>driver-rules.schema.json</c> says, and what a schema cannot say.</summary>
internal static class DriverRulesReader
{
    private static readonly Dictionary<string, GuestArchitecture> s_architectures = new(StringComparer.Ordinal)
    {
        ["x86"] = GuestArchitecture.X86, ["x64"] = GuestArchitecture.X64, ["arm64"] = GuestArchitecture.Arm64,
    };

    private static readonly Dictionary<string, DriverRole> s_roles = new(StringComparer.Ordinal) { ["storage"] = DriverRole.Storage };

    private static readonly Dictionary<string, StorageBus> s_buses = new(StringComparer.Ordinal)
    {
        ["virtio-blk"] = StorageBus.VirtioBlk, ["virtio-scsi"] = StorageBus.VirtioScsi,
    };

    private static readonly Dictionary<string, ProductKind> s_products = new(StringComparer.Ordinal)
    {
        ["any"] = ProductKind.Any, ["client"] = ProductKind.Client, ["server"] = ProductKind.Server,
    };

    public static DriverRules Read(string json, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return ReadRoot(new JsonPlace(document.RootElement, "$", name));
        }
        catch (JsonException exception)
        {
            throw JsonPlace.Invalid(name, exception.Path ?? "$", "JSON", exception.Message, exception);
        }
    }

    private static DriverRules ReadRoot(JsonPlace root)
    {
        root.OnlyKeys("version", "architectures", "layouts", "drivers", "rules");
        JsonPlace version = root.Required("version");
        if (version.Integer() != 1)
        {
            throw version.Invalid("version 1 of this format");
        }

        Dictionary<GuestArchitecture, IReadOnlyList<string>> architectures = [];
        foreach (JsonPlace place in root.Items("architectures"))
        {
            place.OnlyKeys("name", "directories");
            JsonPlace name = place.Required("name");
            if (!architectures.TryAdd(name.OneOf(s_architectures), PathNames(place.Required("directories"))))
            {
                throw name.Invalid("a name that is there once");
            }
        }

        return new DriverRules
        {
            Name = root.File,
            Architectures = architectures,
            Layouts = [.. root.Items("layouts").Select(Layout)],
            Drivers = Unique(root.Items("drivers"), ReadDriver, driver => driver.Name),
            Rules = Unique(root.Items("rules"), ReadRule, rule => rule.Name),
        };
    }

    private static DriverDefinition ReadDriver(JsonPlace place)
    {
        place.OnlyKeys("name", "role", "bus", "directories", "inf", "service", "classGuid", "ids");
        JsonPlace guid = place.Required("classGuid");
        return new DriverDefinition
        {
            Name = place.Required("name").Text(),
            Role = place.Required("role").OneOf(s_roles),
            Bus = place.Required("bus").OneOf(s_buses),
            Directories = PathNames(place.Required("directories")),
            Inf = PathName(place.Required("inf")),
            Service = place.Required("service").Text(),
            ClassGuid = Guid.TryParseExact(guid.Text(), "D", out Guid value) ? value : throw guid.Invalid("a GUID without braces"),
            Ids = [.. Some(place.Required("ids")).Select(id => id.Text())],
        };
    }

    private static DriverRule ReadRule(JsonPlace place)
    {
        place.OnlyKeys("name", "builds", "product", "architectures", "directories");
        JsonPlace builds = place.Required("builds");
        builds.OnlyKeys("from", "to");
        BuildRange range = new(Build(builds.Required("from")), builds.Optional("to") is { } to ? Build(to) : int.MaxValue);
        return new DriverRule
        {
            Name = place.Required("name").Text(),
            Builds = range.From <= range.To ? range : throw builds.Invalid("a range whose end is not before its start"),
            Product = place.Required("product").OneOf(s_products),
            Architectures = [.. Some(place.Required("architectures")).Select(item => item.OneOf(s_architectures))],
            Directories = PathNames(place.Required("directories")),
        };
    }

    private static int Build(JsonPlace place) => place.Integer() is var build and >= 0 ? build : throw place.Invalid("a build number");

    private static string Layout(JsonPlace place)
    {
        string layout = place.Text();
        string filled = layout.Replace("{driver}", "d", StringComparison.Ordinal)
            .Replace("{os}", "o", StringComparison.Ordinal)
            .Replace("{arch}", "a", StringComparison.Ordinal);
        bool known = !filled.Contains('{', StringComparison.Ordinal) && !filled.Contains('}', StringComparison.Ordinal);
        return known && filled.Split('/').All(IsPathName) ? layout : throw place.Invalid("a relative path of names, {driver}, {os} and {arch}");
    }

    private static List<string> PathNames(JsonPlace place) => [.. Some(place).Select(PathName)];

    private static string PathName(JsonPlace place) =>
        IsPathName(place.Text()) ? place.Text() : throw place.Invalid("a name without a path");

    private static bool IsPathName(string text) =>
        text.Trim() is not ("" or "." or "..") && !text.Any(c => c < ' ' || "/\\:*?\"<>|".Contains(c, StringComparison.Ordinal));

    private static IReadOnlyList<JsonPlace> Some(JsonPlace place) =>
        place.Items() is { Count: > 0 } items ? items : throw place.Invalid("at least one entry");

    private static List<T> Unique<T>(IReadOnlyList<JsonPlace> places, Func<JsonPlace, T> read, Func<T, string> name)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        List<T> result = [];
        foreach (JsonPlace place in places)
        {
            T item = read(place);
            if (!names.Add(name(item)))
            {
                throw place.Required("name").Invalid("a name that is there once");
            }

            result.Add(item);
        }

        return result;
    }
}
