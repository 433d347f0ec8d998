using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>The bytes of planned driver files, exactly those that were planned.</summary>
internal static class DriverFiles
{
    private const int MaxFileSize = 64 * 1024 * 1024;

    /// <summary>All files of a package, by their names in it.</summary>
    /// <exception cref="GuestStateException"><c>DriverSourceChanged</c>.</exception>
    public static IReadOnlyDictionary<string, byte[]> Read(DriverSource source, PlannedPackage package) =>
        package.Files.ToDictionary(file => file.Name, file => Read(source, file), StringComparer.OrdinalIgnoreCase);

    /// <exception cref="GuestStateException"><c>DriverSourceChanged</c>: the source has other bytes than when the plan was made.</exception>
    public static byte[] Read(DriverSource source, PlannedFile file)
    {
        byte[] content = source.OpenFile(file.SourcePath).ReadAll(MaxFileSize, "DriverFileTooLarge", file.SourcePath);
        string hash = Sha256Text.Of(content);
        return hash == file.Sha256
            ? content
            : throw new GuestStateException(
                "DriverSourceChanged",
                file.SourcePath,
                $"'{file.SourcePath}' in the driver source has SHA-256 {hash}; the plan was made with {file.Sha256}.",
                "Make the plan again: New-VirtioDriverPlan.");
    }
}
