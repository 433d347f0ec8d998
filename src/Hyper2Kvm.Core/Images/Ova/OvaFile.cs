using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Ova;

/// <summary>An OVA (DMTF DSP0243, 5.3): a tar archive with a description, disks, and perhaps their hashes. Holds no handle.</summary>
public sealed class OvaFile
{
    /// <summary>What lies in bundles and is no disk. Anything else may be one: oVirt names its disks by GUID, without an extension.</summary>
    private static readonly string[] s_notDisks =
        [".ovf", ".mf", ".cert", ".iso", ".nvram", ".flp", ".xml", ".txt", ".json", ".log", ".vmx", ".vmxf", ".vmsd", ".strings", ".msg", ".pem"];

    private OvaFile(string path, IReadOnlyList<TarMember> members)
    {
        FilePath = path;
        Members = members;
    }

    /// <summary>Full path of the archive.</summary>
    public string FilePath { get; }

    /// <summary>In the order of the archive.</summary>
    public IReadOnlyList<TarMember> Members { get; }

    /// <summary>Members that may be disks, by their names.</summary>
    public IReadOnlyList<TarMember> Disks
    {
        get
        {
            List<TarMember> disks = [];
            foreach (TarMember member in Members)
            {
                if (Array.IndexOf(s_notDisks, member.Extension) < 0)
                {
                    disks.Add(member);
                }
            }

            return disks;
        }
    }

    /// <summary>The archive at a path, or null when the file there is none.</summary>
    /// <exception cref="DiskFormatException"><c>OvaDamaged</c>, <c>OvaTruncated</c>, <c>OvaMemberNameInvalid</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>OvaSparseMember</c>.</exception>
    public static OvaFile? TryOpen(string path)
    {
        using FileBlockDevice file = new(path);
        return IsArchive(file) ? Read(file) : null;
    }

    /// <summary>The file starts as an archive does.</summary>
    internal static bool IsArchive(string path)
    {
        using FileBlockDevice file = new(path);
        return IsArchive(file);
    }

    public TarMember? Find(string name)
    {
        foreach (TarMember member in Members)
        {
            if (member.Name == name)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>How later commands name a disk in here.</summary>
    public string PathOf(TarMember member) => Disks is [var only] && only == member ? FilePath : OvaPath.Join(FilePath, member.Name);

    /// <summary>The content of a member as a file of its own.</summary>
    public FileBlockDevice Open(TarMember member) => new(FilePath, member.Range, OvaPath.Join(FilePath, member.Name));

    private static bool IsArchive(FileBlockDevice file)
    {
        Span<byte> head = stackalloc byte[TarHeader.Size];
        if (file.Length < head.Length)
        {
            return false;
        }

        file.Read(0, head);
        return TarHeader.IsFirst(head);
    }

    internal static OvaFile Read(FileBlockDevice file) => new(file.Path, TarReader.Read(file));

    /// <summary>The member that a name means.</summary>
    /// <param name="name">Or null: the only disk.</param>
    /// <exception cref="GuestItemNotFoundException"><c>OvaMemberNotFound</c>.</exception>
    /// <exception cref="GuestStateException"><c>OvaSeveralDisks</c>.</exception>
    internal TarMember Choose(string? name)
    {
        IReadOnlyList<TarMember> disks = Disks;
        if (name is not null)
        {
            return Find(name) ?? throw new GuestItemNotFoundException(
                "OvaMemberNotFound", OvaPath.Join(FilePath, name), $"'{FilePath}' has no member '{name}'. Its disks: {Names(disks)}.");
        }

        return disks.Count switch
        {
            1 => disks[0],
            0 => throw new GuestItemNotFoundException("OvaMemberNotFound", FilePath, $"'{FilePath}' is an archive without a disk image."),
            _ => throw new GuestStateException(
                "OvaSeveralDisks", FilePath, $"'{FilePath}' holds {disks.Count} disks: {Names(disks)}.",
                $"Name the one that is meant, as in '{OvaPath.Join(FilePath, disks[0].Name)}', or let Get-SourceMachine find it."),
        };
    }

    private static string Names(IReadOnlyList<TarMember> members) => members.Count == 0 ? "none" : string.Join(", ", members);
}
