namespace Hyper2Kvm.Inf;

/// <summary>A file that an install section copies.</summary>
/// <param name="Name">File name where it goes.</param>
/// <param name="SourceName">File name in the package.</param>
/// <param name="SourceDirectory">Directory below the package's root with backslashes, empty for the root.</param>
/// <param name="DirectoryId">DIRID of the destination: 12 is drivers, 13 the driver store.</param>
/// <param name="Subdirectory">Below that directory, usually empty.</param>
public sealed record InfFileCopy(string Name, string SourceName, string SourceDirectory, int DirectoryId, string Subdirectory);
