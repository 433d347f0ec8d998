using System.Globalization;
using System.Text.Json.Nodes;
using Hyper2Kvm.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Turns a YAML file into the JSON that Core reads: YAML is only a spelling.</summary>
/// <remarks>The JSON part of YAML 1.2: mappings with text keys, sequences, and scalars by the core schema (null, true, false, integers,
/// text). Anchors, tags and further documents are refused: nothing here needs them, and aliases can blow up a small file.</remarks>
internal static class YamlToJson
{
    private const int MaximumDepth = 32;

    /// <param name="yaml">The file's text; JSON is YAML too.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="GuestStateException"><c>DriverRulesInvalid</c>: not YAML, or more than JSON can say.</exception>
    public static string Convert(string yaml, string name)
    {
        Parser parser = new(new StringReader(yaml));
        try
        {
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            JsonNode? root = ReadNode(parser, name, 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _)
                ? root?.ToJsonString() ?? "null"
                : throw Invalid(name, parser.Current!.Start, "The file holds more than one document.");
        }
        catch (YamlException exception)
        {
            throw Invalid(name, exception.Start, exception.Message, exception);
        }
        catch (InvalidOperationException exception)
        {
            // The library's own scanner, at a plain text that begins with what cannot begin one.
            throw Invalid(name, parser.Current?.End ?? Mark.Empty, "What follows here is not YAML.", exception);
        }
    }

    private static JsonNode? ReadNode(Parser parser, string name, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw Invalid(name, parser.Current!.Start, $"Nested deeper than {MaximumDepth} levels.");
        }

        if (parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
        {
            throw Invalid(name, parser.Current.Start, "Anchors and aliases are not supported.");
        }

        if (parser.Current is NodeEvent { Tag.IsEmpty: false })
        {
            throw Invalid(name, parser.Current.Start, "Tags are not supported.");
        }

        if (parser.Accept<Scalar>(out _))
        {
            return ToJson(parser.Consume<Scalar>());
        }

        return parser.TryConsume<SequenceStart>(out _) ? ReadSequence(parser, name, depth) : ReadMapping(parser, name, depth);
    }

    private static JsonArray ReadSequence(Parser parser, string name, int depth)
    {
        JsonArray array = [];
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            array.Add(ReadNode(parser, name, depth + 1));
        }

        return array;
    }

    private static JsonObject ReadMapping(Parser parser, string name, int depth)
    {
        JsonObject result = [];
        parser.Consume<MappingStart>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Mark start = parser.Current!.Start;
            string key = parser.Consume<Scalar>().Value;
            if (!result.TryAdd(key, ReadNode(parser, name, depth + 1)))
            {
                throw Invalid(name, start, $"The key '{key}' is there twice.");
            }
        }

        return result;
    }

    private static JsonNode? ToJson(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain)
        {
            return scalar.Value;
        }

        return scalar.Value switch
        {
            "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
            string text => text,
        };
    }

    private static GuestStateException Invalid(string name, Mark at, string message, Exception? inner = null) => new(
        "DriverRulesInvalid",
        name,
        string.Create(CultureInfo.InvariantCulture, $"{name} line {at.Line} column {at.Column}: {message}"),
        "Correct the file; about_Hyper2Kvm shows its shape.",
        inner);
}
