using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Ova;

namespace Hyper2Kvm.Migration;

/// <summary>Where the files of one migration are. Nothing else is ever written.</summary>
/// <param name="Folder">Full path of the folder for all of them.</param>
/// <param name="Base">What their names begin with.</param>
internal sealed record MigrationFiles(string Folder, string Base)
{
    private const string OverlayPart = ".kvm";
    private const int BaseLimit = 100;

    public string State => File(".h2kv-migration.json");

    /// <summary>The edited disk.</summary>
    public string Overlay => File(".kvm.qcow2");

    /// <summary>The copy of a disk that could not be edited where it was.</summary>
    public string Copy(ImageFormat format) => File($"-source{Extension(format)}");

    /// <summary>The edited disk in one file.</summary>
    public string Converted(ImageFormat format) => File($"-kvm{Extension(format)}");

    /// <param name="number">Of the data disk, from 1.</param>
    /// <param name="format">Of the copy.</param>
    public string DataDisk(int number, ImageFormat format) => File(FormattableString.Invariant($"-data{number}{Extension(format)}"));

    /// <param name="layout">The guest.</param>
    /// <param name="folder">Or null: that of the image, or of the archive that it lies in.</param>
    public static MigrationFiles For(WindowsLayout layout, string? folder) => new(
        folder ?? OvaPath.FolderOf(layout.ImagePath),
        layout.Machine is { } machine ? Plain(machine.Name) : BaseOf(layout.ImagePath));

    /// <summary>An image's name without its extension and what marks the overlay of an edit.</summary>
    public static string BaseOf(string imagePath)
    {
        string name = Path.GetFileNameWithoutExtension(imagePath);
        return Plain(name.EndsWith(OverlayPart, StringComparison.OrdinalIgnoreCase) ? name[..^OverlayPart.Length] : name);
    }

    /// <summary>The words of a description are somebody else's: only what every file system takes passes.</summary>
    public static string Plain(string name)
    {
        string plain = string.Concat(name.Take(BaseLimit).Select(c =>
            char.IsControl(c) || char.IsSurrogate(c) || c is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' ? '-' : c)).Trim(' ', '.');
        return plain.Length > 0 ? plain : "machine";
    }

    private static string Extension(ImageFormat format) => format == ImageFormat.Raw ? ".raw" : ".qcow2";

    private string File(string end) => Path.Combine(Folder, Base + end);
}
