namespace Hyper2Kvm.Unit.Support;

/// <summary>A Python that has a module which judges our work.</summary>
internal static class ForeignPython
{
    /// <summary>The first python3 on the path that has the module, or null: a private Python in front of the system's may lack it.</summary>
    public static string? Find(string module) =>
        $"{Environment.GetEnvironmentVariable("PATH")}"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "python3"))
            .FirstOrDefault(python => File.Exists(python) && ForeignTool.Run(python, "-c", $"import {module}").ExitCode == 0);
}
