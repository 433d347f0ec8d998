using System.Text.RegularExpressions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit;

/// <summary>Who may import whom: docs/Architecture.md. Because one file holds one type of its name, type and folder tell it all.</summary>
public sealed partial class LayeringTests
{
    private const string Core = "src/Hyper2Kvm.Core";
    private const string PowerShell = "src/Hyper2Kvm.PowerShell";

    private static readonly string[] s_rows0To2 = ["Binary", "Diagnostics", "Blocks", "Images", "Partitions", "FileSystems", "Registry", "Bcd", "Inf", "Signatures"];

    /// <summary>Folder of Core, and the folders whose types it may use besides its own.</summary>
    private static readonly Dictionary<string, string[]> s_mayImport = new()
    {
        ["Diagnostics"] = [],
        ["Loading"] = [],
        ["Model"] = ["Images.ImageFormat", "Partitions.PartitionStyle"],
        ["Binary"] = ["Diagnostics"],
        ["Inf"] = ["Diagnostics"],
        ["Signatures"] = ["Blocks", "Diagnostics"],
        ["Blocks"] = ["Binary", "Diagnostics"],
        ["Images"] = ["Blocks", "Binary", "Diagnostics"],
        ["Partitions"] = ["Blocks", "Binary", "Diagnostics"],
        ["FileSystems"] = ["Blocks", "Binary", "Diagnostics"],
        ["Registry"] = ["Blocks", "Binary", "Diagnostics"],
        ["Bcd"] = ["Registry", "Blocks", "Binary", "Diagnostics"],
        ["Machines"] = ["Blocks", "Binary", "Images.OvaFile", "Images.OvaPath", "Images.TarMember", "Model", "Diagnostics"],
        ["Guest"] = [.. s_rows0To2, "Model"],
        ["Drivers"] = ["Blocks", "Binary", "FileSystems", "Inf", "Signatures", "Model", "Diagnostics"],
        ["Editing"] = [.. s_rows0To2, "Model", "Guest", "Drivers"],
        ["Conversion"] = [.. s_rows0To2, "Model", "Guest", "Editing.AtomicFile", "Editing.PartialFile"],
        ["Domains"] = ["Binary.MacAddress", "Guest.MachineProbe", "Guest.FinalBootGate", "Images.ImageFormat", "Editing.AtomicFile", "Model", "Diagnostics"],
        ["Migration"] = [.. s_rows0To2, "Model", "Guest", "Drivers", "Editing", "Conversion", "Domains", "Booting"],
        ["Browsing"] = [.. s_rows0To2, "Model", "Guest", "Editing.AtomicFile"],
        ["Booting"] = ["Domains", "Editing", "Images", "Blocks", "Binary", "Model", "Diagnostics"],
    };

    [Fact]
    public void Every_folder_of_Core_imports_only_what_lies_beneath_it()
    {
        Dictionary<string, string> homes = TypeHomes();
        List<string> offences = [];
        foreach (string file in Sources(Core))
        {
            string folder = FolderOf(file);
            string[] allowed = s_mayImport.GetValueOrDefault(folder)
                ?? throw new InvalidOperationException($"{folder} is a folder of Core that the layers do not know.");
            foreach (string type in TypesMentioned(file))
            {
                if (homes.TryGetValue(type, out string? home) && home != folder && !allowed.Contains(home) && !allowed.Contains($"{home}.{type}"))
                {
                    offences.Add($"{Path.GetRelativePath(Repository.Root, file)} uses {home}/{type}");
                }
            }
        }

        Assert.True(offences.Count == 0, string.Join(Environment.NewLine, offences));
    }

    [Fact]
    public void Cmdlets_never_see_a_sector()
    {
        string[] allowed = ["Model", "Diagnostics", "Machines", "Guest", "Drivers", "Editing", "Conversion", "Domains", "Booting", "Migration", "Browsing", "Images"];
        List<string> offences = [];
        foreach (string file in Sources(PowerShell))
        {
            foreach (Match import in CoreImport().Matches(File.ReadAllText(file)))
            {
                string folder = import.Groups["folder"].Value;
                if (s_mayImport.ContainsKey(folder) && !allowed.Contains(folder))
                {
                    offences.Add($"{Path.GetRelativePath(Repository.Root, file)}: {import.Value}");
                }
            }
        }

        Assert.True(offences.Count == 0, string.Join(Environment.NewLine, offences));
    }

    [Theory]
    [InlineData(Core)]
    [InlineData(PowerShell)]
    [InlineData("src/Hyper2Kvm.Shell")]
    [InlineData("src/Hyper2Kvm.HelpTool")]
    public void Every_file_holds_one_type_of_its_name_in_the_namespace_of_its_folder(string project)
    {
        List<string> offences = [];
        foreach (string file in Sources(project).Where(file => Path.GetFileName(file) != "Program.cs"))
        {
            string text = File.ReadAllText(file);
            string[] types = [.. TypeDeclaration().Matches(text).Select(match => match.Groups["name"].Value)];
            if (types is not [var only] || only != Path.GetFileNameWithoutExtension(file))
            {
                offences.Add($"{Path.GetRelativePath(Repository.Root, file)} holds {string.Join(", ", types)}");
            }

            string found = NamespaceDeclaration().Match(text).Groups["name"].Value;
            if (found != ExpectedNamespace(project, file))
            {
                offences.Add($"{Path.GetRelativePath(Repository.Root, file)} is in {found}, not in {ExpectedNamespace(project, file)}");
            }
        }

        Assert.True(offences.Count == 0, string.Join(Environment.NewLine, offences));
    }

    private static string ExpectedNamespace(string project, string file)
    {
        string root = project == Core ? "Hyper2Kvm" : Path.GetFileName(project);
        string folder = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Repository.Root, project), file))!;
        return folder switch
        {
            "" => root,
            "Model" => root,
            _ => $"{root}.{folder.Replace(Path.DirectorySeparatorChar, '.')}",
        };
    }

    private static Dictionary<string, string> TypeHomes()
    {
        Dictionary<string, string> homes = [];
        foreach (string file in Sources(Core))
        {
            homes[Path.GetFileNameWithoutExtension(file)] = FolderOf(file);
        }

        return homes;
    }

    private static IEnumerable<string> TypesMentioned(string file) =>
        Identifier().Matches(CommentOrText().Replace(File.ReadAllText(file), "")).Select(match => match.Value).Distinct();

    private static string FolderOf(string file) =>
        Path.GetRelativePath(Path.Combine(Repository.Root, Core), file).Split(Path.DirectorySeparatorChar)[0];

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !BuildOutput().IsMatch(file));

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex BuildOutput();

    [GeneratedRegex(@"//.*$|""""""[\s\S]*?""""""|""(?:\\.|[^""\\\r\n])*""", RegexOptions.Multiline)]
    private static partial Regex CommentOrText();

    /// <summary>A word that could name a type: not a member after a dot, nor a name before a colon, an equals sign or a parameter's comma.</summary>
    [GeneratedRegex(@"(?<![\w.])[A-Z]\w+(?=[\s<>\[\]?(){};,.])(?!\s*(=|\{ get|=>))")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^(?:public|internal)[ \w]*\b(?:class|struct|record|interface|enum|delegate)\s+(?:struct\s+|class\s+)?(?<name>[A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"^using Hyper2Kvm\.(?<folder>\w+)[\w.]*;", RegexOptions.Multiline)]
    private static partial Regex CoreImport();
}
