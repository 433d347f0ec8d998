using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Machines;
using Hyper2Kvm.Migration;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Turns what a user names or pipes into machines to migrate: images, descriptions of machines, objects of Get-VM, our own objects.</summary>
internal sealed class MigrationInput(SessionState session)
{
    /// <summary>Files of these kinds describe a machine; all others are taken for disks.</summary>
    private static readonly HashSet<string> s_descriptions = new([".ovf", ".vmx", ".xml"], StringComparer.OrdinalIgnoreCase);

    private static readonly string[] s_pathProperties = ["PSPath", "ImagePath", "FullName", "Path", "SourcePath"];

    /// <exception cref="Hyper2KvmException">Nothing that can be migrated, by name.</exception>
    public IReadOnlyList<MigrationSource> From(PSObject input) => input.BaseObject switch
    {
        WindowsLayout layout => [new MigrationSource { Layout = layout }],
        SourceMachine machine => [new MigrationSource { Machine = machine }],
        string path => FromPath(path, literal: false),
        _ when VmObject.IsMachine(input) =>
            [new MigrationSource { Machine = VmObject.Read(input, null, null, session.Path.CurrentFileSystemLocation.ProviderPath) }],
        _ => FromProperties(input),
    };

    public IReadOnlyList<MigrationSource> FromPath(string path, bool literal)
    {
        ImagePathResolver resolver = new(session.Path);
        return resolver.HostPath(path) is { } folder && Directory.Exists(folder)
            ? Machines(folder)
            : [.. (literal ? [resolver.ResolveLiteral(path)] : resolver.Resolve(path)).SelectMany(FromFile)];
    }

    private static IReadOnlyList<MigrationSource> FromFile(string file) => s_descriptions.Contains(Path.GetExtension(file))
        ? Machines(file)
        : MachineReader.FindInOva(file) is { Disks.Count: > 0 } machine
            ? [new MigrationSource { Machine = machine }]
            : [new MigrationSource { ImagePath = file }];

    private static IReadOnlyList<MigrationSource> Machines(string file) =>
        [.. MachineReader.Read(file).Select(machine => new MigrationSource { Machine = machine })];

    /// <summary>Files, deserialized objects of ours, and whatever else says where its disk is.</summary>
    private IReadOnlyList<MigrationSource> FromProperties(PSObject input)
    {
        string? path = s_pathProperties.Select(name => input.Text(name)).FirstOrDefault(text => text.Length > 0);
        return path is not null || input.Text("Filename") is { Length: > 0 }
            ? FromPath(path ?? input.Text("Filename"), literal: true)
            : throw new UnsupportedFeatureException(
                "MigrationInputUnknown", $"migrating an object of type {input.TypeNames.FirstOrDefault()}", $"'{input}'",
                "Pass a disk image, an OVA, an OVF or VMX file, a layout, or a machine of Get-SourceMachine or Get-VM.");
    }
}
