using System.Globalization;
using System.Xml.Linq;

namespace Hyper2Kvm.HelpTool;

/// <summary>Writes what Get-Help reads. Source: the MAML schemas of PowerShell's about_Comment_Based_Help and of shipped help files.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly XNamespace s_help = "http://msh";

    public static XDocument Write(IEnumerable<CommandPage> pages) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement(s_help + "helpItems", new XAttribute("schema", "maml"), pages.Select(Command)));

    private static XElement Command(CommandPage page)
    {
        string[] name = page.Name.Split('-', 2);
        return new XElement(
            s_command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", s_maml),
            new XAttribute(XNamespace.Xmlns + "command", s_command),
            new XAttribute(XNamespace.Xmlns + "dev", s_dev),
            new XElement(
                s_command + "details",
                new XElement(s_command + "name", page.Name),
                new XElement(s_command + "verb", name[0]),
                new XElement(s_command + "noun", name[1]),
                Description([page.Synopsis])),
            Description(page.Description),
            new XElement(s_command + "syntax", SetNames(page).Select(set => SyntaxItem(page, set))),
            new XElement(s_command + "parameters", page.Parameters.Select(parameter => Parameter(parameter, parameter.Facts.ParameterSets[0]))),
            new XElement(s_command + "inputTypes", page.Inputs.Select(type => Type("inputType", type))),
            new XElement(s_command + "returnValues", page.Outputs.Select(type => Type("returnValue", type))),
            new XElement(s_maml + "alertSet", new XElement(s_maml + "alert", Paragraphs(page.Notes))),
            new XElement(s_command + "examples", page.Examples.Select(Example)),
            new XElement(s_command + "relatedLinks", page.Links.Select(Link)));
    }

    private static string[] SetNames(CommandPage page)
    {
        string[] names = [.. page.Parameters.SelectMany(parameter => parameter.Facts.ParameterSets).Select(set => set.Name)
            .Where(name => name != "(All)").Distinct()];
        return names.Length > 0 ? names : ["(All)"];
    }

    private static XElement SyntaxItem(CommandPage page, string set)
    {
        var bound = page.Parameters
            .Select(parameter => (Parameter: parameter, Facts: parameter.Facts.ParameterSets.Find(facts => facts.Name == set || facts.Name == "(All)")))
            .Where(pair => pair.Facts is not null)
            .OrderBy(pair => int.TryParse(pair.Facts!.Position, CultureInfo.InvariantCulture, out int position) ? position : int.MaxValue);
        return new XElement(
            s_command + "syntaxItem",
            new XElement(s_maml + "name", page.Name),
            bound.Select(pair => Parameter(pair.Parameter, pair.Facts!)));
    }

    private static XElement Parameter(PageParameter parameter, ParameterSetFacts binding)
    {
        ParameterFacts facts = parameter.Facts;
        string type = ShortName(facts.Type);
        return new XElement(
            s_command + "parameter",
            new XAttribute("required", binding.IsRequired),
            new XAttribute("variableLength", facts.Type.EndsWith("[]", StringComparison.Ordinal)),
            new XAttribute("globbing", facts.SupportsWildcards),
            new XAttribute("pipelineInput", PipelineInput(binding)),
            new XAttribute("position", binding.Position.ToLowerInvariant()),
            new XAttribute("aliases", facts.Aliases.Count == 0 ? "none" : string.Join(", ", facts.Aliases)),
            new XElement(s_maml + "name", parameter.Name),
            Description(parameter.Description),
            facts.AcceptedValues.Count == 0
                ? null
                : new XElement(
                    s_command + "parameterValueGroup",
                    facts.AcceptedValues.Select(value => new XElement(
                        s_command + "parameterValue", new XAttribute("required", false), new XAttribute("variableLength", false), value))),
            parameter.IsSwitch
                ? null
                : new XElement(s_command + "parameterValue", new XAttribute("required", true), new XAttribute("variableLength", false), type),
            new XElement(s_dev + "type", new XElement(s_maml + "name", type), new XElement(s_maml + "uri")),
            new XElement(s_dev + "defaultValue", facts.DefaultValue.Length == 0 ? "None" : facts.DefaultValue));
    }

    private static string PipelineInput(ParameterSetFacts binding) => (binding.ValueFromPipeline, binding.ValueFromPipelineByPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    private static XElement Type(string element, PageType type) => new(
        s_command + element,
        new XElement(s_dev + "type", new XElement(s_maml + "name", type.Name)),
        Description(type.Description));

    private static XElement Example(PageExample example) => new(
        s_command + "example",
        new XElement(s_maml + "title", $"-------------------------- {example.Title} --------------------------"),
        new XElement(s_dev + "code", example.Code),
        new XElement(s_dev + "remarks", Paragraphs(example.Remarks)));

    private static XElement Link(PageLink link) => new(
        s_maml + "navigationLink", new XElement(s_maml + "linkText", link.Text), new XElement(s_maml + "uri", link.Url.Contains("://", StringComparison.Ordinal) ? link.Url : ""));

    private static XElement Description(IEnumerable<string> paragraphs) => new(s_maml + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> paragraphs) =>
        paragraphs.Select(paragraph => new XElement(s_maml + "para", paragraph));

    /// <summary><c>System.String[]</c> as people write it: <c>String[]</c>.</summary>
    private static string ShortName(string type)
    {
        const string Nullable = "System.Nullable`1[";
        string bare = type.StartsWith(Nullable, StringComparison.Ordinal) ? type[Nullable.Length..^1] : type;
        return bare[(bare.LastIndexOf('.') + 1)..];
    }
}
