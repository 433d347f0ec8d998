using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Drivers;

/// <summary>Where the files of a package lie in a driver source, all with forward slashes.</summary>
internal sealed class PackagePaths(string infPath)
{
    /// <summary>Directory of the INF; empty for the root of the source.</summary>
    public string Directory { get; } = infPath.Contains('/', StringComparison.Ordinal) ? infPath[..infPath.LastIndexOf('/')] : "";

    public string InfName { get; } = infPath[(infPath.LastIndexOf('/') + 1)..];

    /// <summary>A file by its name in the package.</summary>
    public string Of(string name) => Directory.Length == 0 ? name.Replace('\\', '/') : $"{Directory}/{name.Replace('\\', '/')}";

    /// <summary>Name of a copied file in the package: what it is called there, below the directory that [SourceDisksFiles] gives it.</summary>
    public static string NameOf(InfFileCopy file) => file.SourceDirectory.Length == 0 ? file.SourceName : $@"{file.SourceDirectory}\{file.SourceName}";

    /// <summary>The driver file of a service; null when the package does not copy it.</summary>
    public string? BinaryOf(InfInstall install, InfService service) =>
        install.Files.FirstOrDefault(file => IsBinary(file, service)) is { } file ? Of(NameOf(file)) : null;

    private static bool IsBinary(InfFileCopy file, InfService service) =>
        file.DirectoryId == service.BinaryDirectoryId
        && string.Equals(file.Subdirectory.Length == 0 ? file.Name : $@"{file.Subdirectory}\{file.Name}", service.BinaryPath, StringComparison.OrdinalIgnoreCase);
}
