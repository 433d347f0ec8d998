using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Hyper2Kvm.HelpTool;

/// <summary>Reads a page. What the schema asks for and is not there is an error, so that help is never silently empty.</summary>
internal static class CommandPageReader
{
    private const string SchemaVersion = "2024-05-01";

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();
    private static readonly IDeserializer s_yaml = new DeserializerBuilder().Build();

    /// <exception cref="PageException">The page does not follow the schema.</exception>
    public static CommandPage Read(string path)
    {
        MarkdownDocument document = Markdown.Parse(File.ReadAllText(path), s_pipeline);
        Dictionary<string, string> head = FrontMatter(path, document);
        Dictionary<string, List<Block>> sections = Split(document, level: 2);
        List<Block> section(string name) =>
            sections.TryGetValue(name, out List<Block>? blocks) ? blocks : throw new PageException(path, $"section {name} is missing.");
        _ = section("SYNTAX");
        _ = section("ALIASES");
        return new CommandPage
        {
            Name = head["title"],
            ExternalHelpFile = head["external help file"],
            Synopsis = string.Join(' ', PlainText.Of(section("SYNOPSIS"))),
            Description = [.. PlainText.Of(section("DESCRIPTION"))],
            Examples = [.. Split(section("EXAMPLES"), level: 3).Select(example => Example(path, example.Key, example.Value))],
            Parameters = [.. Split(section("PARAMETERS"), level: 3)
                .Where(parameter => parameter.Key != "CommonParameters")
                .Select(parameter => Parameter(path, parameter.Key, parameter.Value))],
            Inputs = Types(section("INPUTS")),
            Outputs = Types(section("OUTPUTS")),
            Notes = [.. PlainText.Of(section("NOTES"))],
            Links = [.. section("RELATED LINKS").SelectMany(block => block.Descendants<LinkInline>())
                .Select(link => new PageLink(link.FirstChild?.ToString() ?? "", link.Url ?? ""))],
        };
    }

    private static Dictionary<string, string> FrontMatter(string path, MarkdownDocument document)
    {
        YamlFrontMatterBlock block = document.OfType<YamlFrontMatterBlock>().FirstOrDefault()
            ?? throw new PageException(path, "the front matter is missing.");
        Dictionary<string, string> head = s_yaml.Deserialize<Dictionary<string, string>>(block.Lines.ToString());
        foreach (string name in (string[])["document type", "external help file", "Locale", "Module Name", "PlatyPS schema version", "title"])
        {
            if (!head.ContainsKey(name))
            {
                throw new PageException(path, $"the front matter has no '{name}'.");
            }
        }

        return head["PlatyPS schema version"] == SchemaVersion && head["title"] == Path.GetFileNameWithoutExtension(path)
            ? head
            : throw new PageException(path, $"schema must be {SchemaVersion} and the title the file's name.");
    }

    /// <summary>What follows each heading of a level, up to the next of that level.</summary>
    private static Dictionary<string, List<Block>> Split(IEnumerable<Block> blocks, int level)
    {
        Dictionary<string, List<Block>> sections = [];
        List<Block>? current = null;
        foreach (Block block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level == level)
            {
                sections.Add(PlainText.Of(heading), current = []);
            }
            else
            {
                current?.Add(block);
            }
        }

        return sections;
    }

    private static PageExample Example(string path, string title, List<Block> blocks)
    {
        FencedCodeBlock code = blocks.OfType<FencedCodeBlock>().FirstOrDefault()
            ?? throw new PageException(path, $"example '{title}' has no code.");
        return new PageExample(title, code.Lines.ToString(), [.. PlainText.Of(blocks.Where(block => block != code))]);
    }

    private static PageParameter Parameter(string path, string heading, List<Block> blocks)
    {
        FencedCodeBlock facts = blocks.OfType<FencedCodeBlock>().LastOrDefault(block => block.Info == "yaml")
            ?? throw new PageException(path, $"parameter {heading} has no yaml block.");
        try
        {
            return new PageParameter(
                heading.TrimStart('-'),
                [.. PlainText.Of(blocks.Where(block => block != facts))],
                s_yaml.Deserialize<ParameterFacts>(facts.Lines.ToString()));
        }
        catch (YamlException exception)
        {
            throw new PageException(path, $"parameter {heading}: {exception.Message}");
        }
    }

    private static List<PageType> Types(List<Block> blocks) =>
        [.. Split(blocks, level: 3).Select(type => new PageType(type.Key, [.. PlainText.Of(type.Value)]))];
}
