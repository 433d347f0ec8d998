namespace Hyper2Kvm.Inf;

/// <summary>Follows an install section through everything that it names.</summary>
internal sealed class InfInstallReader(InfFile inf, InfTarget target)
{
    /// <summary>Files that one install section may copy.</summary>
    private const int MaximumFiles = 4096;

    private readonly List<InfFileCopy> _files = [];

    /// <param name="name">Undecorated, as the models lines name it.</param>
    public InfInstall Read(string name)
    {
        InfSection section = Decorated(name);
        ReadCopyFiles(section);
        if (inf.Find(section.Name + ".CoInstallers") is { } coInstallers)
        {
            ReadCopyFiles(coInstallers);
        }

        List<string> includes = Names(section, "Include");
        InfSection? hardware = inf.Find(section.Name + ".HW");
        return new InfInstall
        {
            Section = section.Name,
            Files = _files,
            Services = inf.Find(section.Name + ".Services") is { } services ? ReadServices(services, includes.Count > 0) : [],
            DeviceRegistry = hardware is null ? [] : InfRegistryReader.Read(inf, hardware),
            Includes = includes,
            Needs = Names(section, "Needs"),
        };
    }

    /// <summary>SetupDiGetActualSectionToInstall: <c>.NT&lt;architecture&gt;</c>, <c>.NT</c>, plain.</summary>
    private InfSection Decorated(string name) =>
        inf.Find($"{name}.NT{target.Architecture}") ?? inf.Find($"{name}.NT") ?? inf.Section(name, null);

    private List<string> Names(InfSection section, string key)
    {
        List<string> names = [];
        foreach (InfLine line in section.FindAll(key))
        {
            foreach (string value in line.Values)
            {
                names.Add(inf.Resolve(value));
            }
        }

        return names;
    }

    private void ReadCopyFiles(InfSection owner)
    {
        foreach (InfLine line in owner.FindAll("CopyFiles"))
        {
            foreach (string value in line.Values)
            {
                string name = inf.Resolve(value);
                if (name.StartsWith('@'))
                {
                    AddFile(line, name[1..], name[1..], null);
                }
                else if (name.Length > 0)
                {
                    AddFiles(inf.Section(name, line));
                }
            }
        }
    }

    private void AddFiles(InfSection list)
    {
        foreach (InfLine file in list.Lines)
        {
            AddFile(file, file.Value(0), file.Value(1).Length == 0 ? file.Value(0) : file.Value(1), list.Name);
        }
    }

    private void AddFile(InfLine line, string name, string sourceName, string? listName)
    {
        if (_files.Count >= MaximumFiles)
        {
            throw inf.Invalid(line, $"at most {MaximumFiles} files", "more", "InfTooLarge");
        }

        string file = InfPath.FileName(inf, line, name);
        string source = InfPath.FileName(inf, line, sourceName);
        (int directory, string subdirectory) = Destination(line, listName);
        _files.Add(new InfFileCopy(file, source, SourceDirectory(line, source), directory, subdirectory));
    }

    private (int DirectoryId, string Subdirectory) Destination(InfLine line, string? listName)
    {
        InfSection destinations = inf.Section("DestinationDirs", line);
        InfLine entry = (listName is null ? null : destinations.Find(listName))
            ?? destinations.Find("DefaultDestDir")
            ?? throw inf.Invalid(line, $"an entry '{listName ?? "DefaultDestDir"}' in [DestinationDirs]", "none");
        return DriversFolder(inf.Number(entry, entry.Value(0)), InfPath.Relative(inf, entry, entry.Value(1)));
    }

    /// <summary>Where in the package the file lies: the path of its disk, then its own.</summary>
    private string SourceDirectory(InfLine line, string source)
    {
        if (FindForArchitecture("SourceDisksFiles", source) is not { } entry)
        {
            // Windows' own INFs leave the list to another file.
            return inf.Find("Version")!.Find("LayoutFile") is not null
                ? ""
                : throw inf.Invalid(line, "a file that [SourceDisksFiles] lists", source, "InfFileNotListed");
        }

        InfLine? disk = FindForArchitecture("SourceDisksNames", inf.Resolve(entry.Value(0)));
        string diskPath = disk is null ? "" : InfPath.Relative(inf, disk, disk.Value(3));
        string own = InfPath.Relative(inf, entry, entry.Value(1));
        return diskPath.Length == 0 || own.Length == 0 ? diskPath + own : $@"{diskPath}\{own}";
    }

    private InfLine? FindForArchitecture(string section, string key) =>
        inf.Find($"{section}.{target.Architecture}")?.Find(key) ?? inf.Find(section)?.Find(key);

    private List<InfService> ReadServices(InfSection section, bool filesMayBeIncluded)
    {
        List<InfService> services = [];
        foreach (InfLine line in section.FindAll("AddService"))
        {
            // A null driver: the device has no service.
            if (line.Value(0).Length > 0)
            {
                services.Add(ReadService(line, filesMayBeIncluded));
            }
        }

        return services;
    }

    private InfService ReadService(InfLine line, bool filesMayBeIncluded)
    {
        string name = InfPath.FileName(inf, line, line.Value(0));
        InfSection service = inf.Section(inf.Resolve(line.Value(2)), line);
        InfSection? eventLog = line.Value(3).Length == 0 ? null : inf.Section(inf.Resolve(line.Value(3)), line);
        InfLine binary = inf.Required(service, "ServiceBinary");
        (int directory, string path) = Binary(binary, filesMayBeIncluded);
        return new InfService
        {
            Name = name,
            Flags = line.Value(1).Length == 0 ? 0 : inf.Number(line, line.Value(1)),
            DisplayName = Text(service, "DisplayName"),
            DisplayNameToken = Token(service, "DisplayName"),
            ServiceType = inf.RequiredNumber(service, "ServiceType"),
            StartType = inf.RequiredNumber(service, "StartType"),
            ErrorControl = inf.RequiredNumber(service, "ErrorControl"),
            LoadOrderGroup = Text(service, "LoadOrderGroup"),
            BinaryDirectoryId = directory,
            BinaryPath = path,
            Registry = InfRegistryReader.Read(inf, service),
            EventLogName = eventLog is null ? null : line.Value(5).Length == 0 ? name : InfPath.FileName(inf, line, line.Value(5)),
            EventLogRegistry = eventLog is null ? [] : InfRegistryReader.Read(inf, eventLog),
        };
    }

    private string? Text(InfSection section, string key) => section.Find(key) is { } line ? inf.Resolve(line.Value(0)) : null;

    /// <summary>What the INF writes there when it is nothing but one string token.</summary>
    private string? Token(InfSection section, string key) =>
        section.Find(key)?.Value(0) is ['%', .. { Length: > 0 } token, '%'] && inf.Strings.ContainsKey(token) ? $"%{token}%" : null;

    /// <summary><c>%12%\viostor.sys</c>: a directory id and a path below it, which must be one of the copied files, unless
    /// sections of Windows' own INFs may copy it.</summary>
    private (int DirectoryId, string Path) Binary(InfLine line, bool filesMayBeIncluded)
    {
        string text = inf.Resolve(line.Value(0));
        int end = text.StartsWith('%') ? text.IndexOf('%', 1) : -1;
        if (end < 0 || !InfNumber.TryParse(text[1..end], out int directory))
        {
            throw inf.Invalid(line, @"a driver file as %12%\name.sys", text);
        }

        (directory, string path) = DriversFolder(directory, InfPath.Relative(inf, line, text[(end + 1)..]));
        foreach (InfFileCopy file in _files)
        {
            string copied = file.Subdirectory.Length == 0 ? file.Name : $@"{file.Subdirectory}\{file.Name}";
            if (string.Equals(copied, path, StringComparison.OrdinalIgnoreCase) && file.DirectoryId == directory)
            {
                return (directory, path);
            }
        }

        return filesMayBeIncluded
            ? (directory, path)
            : throw inf.Invalid(line, "a file that the install section copies to that directory", text, "InfBinaryNotCopied");
    }

    /// <summary>System32\drivers has three names: DIRID 12, and a path below 10 (Windows) or 11 (System32).</summary>
    private static (int DirectoryId, string Path) DriversFolder(int directory, string path)
    {
        string prefix = directory switch
        {
            10 => @"system32\drivers",
            11 => "drivers",
            _ => "\\",
        };
        return (path + "\\").StartsWith(prefix + "\\", StringComparison.OrdinalIgnoreCase)
            ? (12, path.Length == prefix.Length ? "" : path[(prefix.Length + 1)..])
            : (directory, path);
    }
}
