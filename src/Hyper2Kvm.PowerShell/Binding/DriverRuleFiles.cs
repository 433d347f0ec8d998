using Hyper2Kvm.Drivers;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Reads the driver rules: those of the module, with the user's own laid over them.</summary>
internal static class DriverRuleFiles
{
    private const string DefaultFile = "virtio-win.yaml";

    /// <param name="userFiles">Host paths, YAML or JSON; later ones win.</param>
    /// <exception cref="Diagnostics.GuestStateException"><c>DriverRulesInvalid</c>.</exception>
    public static DriverRules Load(IEnumerable<string> userFiles)
    {
        DriverRules rules = Read(DefaultPath());
        foreach (string file in userFiles)
        {
            rules = rules.Extend(Read(file));
        }

        return rules;
    }

    private static DriverRules Read(string path) => DriverRules.Parse(YamlToJson.Convert(File.ReadAllText(path), path), path);

    /// <summary>The data folder is beside the assembly in a build's own output, beside <c>lib</c> in the module.</summary>
    private static string DefaultPath()
    {
        string? folder = Path.GetDirectoryName(typeof(DriverRuleFiles).Assembly.Location);
        while (folder is not null)
        {
            string file = Path.Combine(folder, "data", DefaultFile);
            if (File.Exists(file))
            {
                return file;
            }

            folder = Path.GetDirectoryName(folder);
        }

        throw new FileNotFoundException($"The module is incomplete: data/{DefaultFile} is missing.");
    }
}
