using System.Globalization;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Inf;

/// <summary>A Windows driver's setup information file, read as Windows reads it.</summary>
/// <remarks>Sections and lines are kept; what they mean for one Windows is worked out when asked: <see cref="Models"/>,
/// <see cref="Install"/>. Includes are noted, never followed.</remarks>
public sealed class InfFile
{
    private readonly IReadOnlyDictionary<string, InfSection> _sections;

    private InfFile(string name, IReadOnlyDictionary<string, InfSection> sections)
    {
        Name = name;
        _sections = sections;
        Strings = InfStrings.Read(sections);
    }

    /// <summary>The name given to <see cref="Parse"/>, for messages.</summary>
    public string Name { get; }

    /// <summary>The <c>%token%</c> texts; tokens compare without case.</summary>
    public IReadOnlyDictionary<string, string> Strings { get; }

    public string ClassName => Resolve(Required("Version", "Class").Value(0));

    /// <exception cref="DiskFormatException"><c>InfValueInvalid</c>: there is none, or it is no GUID.</exception>
    public Guid ClassGuid
    {
        get
        {
            InfLine line = Required("Version", "ClassGUID");
            return Guid.TryParse(Resolve(line.Value(0)), out Guid guid) ? guid : throw Invalid(line, "a GUID", line.Value(0));
        }
    }

    public string Provider => Resolve(Required("Version", "Provider").Value(0));

    /// <summary>DriverVer's date, month/day/year.</summary>
    /// <exception cref="DiskFormatException"><c>InfValueInvalid</c>.</exception>
    public DateOnly DriverDate
    {
        get
        {
            InfLine line = Required("Version", "DriverVer");
            string text = Resolve(line.Value(0)).Replace('-', '/');
            return DateOnly.TryParseExact(text, "M/d/yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
                ? date
                : throw Invalid(line, "a date as month/day/year", line.Value(0));
        }
    }

    /// <summary>DriverVer's version as four numbers; <c>0.0.0.0</c> when the INF gives only a date.</summary>
    /// <exception cref="DiskFormatException"><c>InfValueInvalid</c>.</exception>
    public string DriverVersion
    {
        get
        {
            InfLine line = Required("Version", "DriverVer");
            string[] parts = line.Value(1).Length == 0 ? ["0"] : Resolve(line.Value(1)).Split('.');
            ushort[] numbers = new ushort[4];
            bool valid = parts.Length <= numbers.Length;
            for (int i = 0; valid && i < parts.Length; i++)
            {
                valid = ushort.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]);
            }

            return valid ? string.Join('.', numbers) : throw Invalid(line, "up to four numbers below 65536", line.Value(1));
        }
    }

    /// <summary>PnpLockdown = 1: Windows guards the installed files.</summary>
    public bool PnpLockdown => Find("Version")?.Find("PnpLockdown")?.Value(0) == "1";

    /// <param name="bytes">The whole file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="DiskFormatException"><c>InfTooLarge</c>, <c>InfNotText</c>, <c>InfSyntaxInvalid</c>, or
    /// <c>InfSignatureMissing</c>: this is no INF that Windows would take.</exception>
    public static InfFile Parse(ReadOnlySpan<byte> bytes, string name)
    {
        InfFile file = new(name, new InfReader(InfText.Decode(bytes, name), name).ReadSections());
        InfLine? signature = file.Find("Version")?.Find("Signature");
        string text = file.Resolve(signature?.Value(0) ?? "");
        if (text.ToUpperInvariant() is not ("$WINDOWS NT$" or "$CHICAGO$" or "$WINDOWS 95$"))
        {
            throw new DiskFormatException(
                "InfSignatureMissing", file.Describe(signature), signature?.Offset ?? 0,
                "Signature = \"$Windows NT$\" in [Version]", signature is null ? "none" : $"'{text}'", "The file is no driver INF.");
        }

        return file;
    }

    /// <summary>The section of that name, exactly, or null.</summary>
    public InfSection? Find(string section) => _sections.GetValueOrDefault(section);

    /// <summary>Replaces <c>%token%</c>s by their strings and <c>%%</c> by <c>%</c>; directory ids stay.</summary>
    public string Resolve(string text) => InfStrings.Resolve(text, Strings);

    /// <summary>The string tokens that <paramref name="text"/> uses.</summary>
    public IEnumerable<string> TokensOf(string text) => InfStrings.TokensOf(text, Strings);

    /// <summary>The catalog that signs the package on that Windows: <c>CatalogFile.ntamd64</c>, <c>CatalogFile.nt</c>,
    /// <c>CatalogFile</c>; null when there is none.</summary>
    /// <exception cref="DiskFormatException"><c>InfPathInvalid</c>.</exception>
    public string? CatalogFile(InfTarget target)
    {
        InfSection version = Section("Version", null);
        InfLine? line = version.Find($"CatalogFile.nt{target.Architecture}") ?? version.Find("CatalogFile.nt") ?? version.Find("CatalogFile");
        return line is null || line.Value(0).Length == 0 ? null : InfPath.FileName(this, line, line.Value(0));
    }

    /// <summary>For each manufacturer the models section that Windows selects; those without one for this Windows are left out.</summary>
    /// <exception cref="DiskFormatException"><c>InfSectionMissing</c>, <c>InfValueInvalid</c>, <c>InfTooLarge</c>.</exception>
    public IReadOnlyList<InfModels> Models(InfTarget target) => InfModelsReader.Read(this, target);

    /// <summary>What an install section, named as the models lines name it, asks for on that Windows.</summary>
    /// <exception cref="DiskFormatException"><c>InfSectionMissing</c>, <c>InfValueInvalid</c>, <c>InfPathInvalid</c>,
    /// <c>InfFileNotListed</c>, <c>InfBinaryNotCopied</c>, <c>InfTooLarge</c>.</exception>
    public InfInstall Install(string section, InfTarget target) => new InfInstallReader(this, target).Read(section);

    public override string ToString() => Name;

    /// <summary>The section, which must be there because <paramref name="from"/> names it.</summary>
    internal InfSection Section(string name, InfLine? from) => Find(name) ?? throw new DiskFormatException(
        "InfSectionMissing", Describe(from), from?.Offset ?? 0, $"a section [{name}]", "none of that name");

    internal InfLine Required(string section, string key) => Required(Section(section, null), key);

    internal InfLine Required(InfSection section, string key) => section.Find(key) ?? throw new DiskFormatException(
        "InfValueInvalid", $"{Name} [{section.Name}]", section.Lines.Count > 0 ? section.Lines[0].Offset : 0, $"an entry {key}", "none");

    /// <summary>The first field of a required entry as a number.</summary>
    internal int RequiredNumber(InfSection section, string key)
    {
        InfLine line = Required(section, key);
        return Number(line, line.Value(0));
    }

    internal int Number(InfLine line, string text) =>
        InfNumber.TryParse(Resolve(text), out int value) ? value : throw Invalid(line, "a number", Resolve(text));

    internal DiskFormatException Invalid(InfLine line, string expected, string actual, string errorId = "InfValueInvalid") =>
        new(errorId, Describe(line), line.Offset, expected, $"'{actual}'");

    private string Describe(InfLine? line) =>
        line is null ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name} line {line.Number}");
}
