using System.Collections;
using System.Management.Automation;
using System.Text.Json.Nodes;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Turns what a user builds in PowerShell, hashtables and objects, into the JSON that Core reads.</summary>
internal static class ObjectToJson
{
    private const int MaximumDepth = 8;

    /// <summary>What JSON cannot say becomes text, and Core refuses it there.</summary>
    public static JsonNode? Convert(object? value, int depth = 0)
    {
        object? bare = (value as PSObject)?.BaseObject ?? value;
        if (depth > MaximumDepth)
        {
            return "too deep";
        }

        return bare switch
        {
            null => null,
            bool flag => flag,
            int number => number,
            long number => number,
            string text => text,
            IDictionary map => Map(map.Keys.Cast<object>().Select(key => (key.ToString() ?? "", map[key])), depth),
            IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(item => Convert(item, depth + 1))]),
            PSCustomObject => Map(((PSObject)value!).Properties.Select(property => (property.Name, (object?)property.Value)), depth),
            _ => bare.ToString(),
        };
    }

    private static JsonObject Map(IEnumerable<(string Key, object? Value)> pairs, int depth)
    {
        JsonObject map = [];
        foreach ((string key, object? value) in pairs)
        {
            map[key] = Convert(value, depth + 1);
        }

        return map;
    }
}
