using System.Runtime.InteropServices;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Makes names of new files, and keeps the copies of sizes and times in the directories' entries in step.</summary>
/// <remarks>No 8.3 aliases are made: a name that is itself 8.3 is stored for Win32 and DOS, any other in the POSIX namespace, just as
/// Windows stores names on a volume where it makes no aliases.</remarks>
internal static class FileNames
{
    private const string DosSpecials = "!#$%&'()-@^_`{}~";

    /// <summary>The value of a $FILE_NAME attribute, its sizes and times still 0.</summary>
    public static byte[] Create(FileReference parent, string name)
    {
        byte[] bytes = new byte[FileNameView.HeaderSize + (name.Length * 2)];
        _ = new FileNameView(bytes) { Parent = parent, Namespace = IsDosName(name) ? FileNameView.Win32AndDos : FileNameView.Posix };
        bytes[0x40] = (byte)name.Length;
        MemoryMarshal.AsBytes(name.AsSpan()).CopyTo(bytes.AsSpan(FileNameView.HeaderSize));
        return bytes;
    }

    /// <summary>Enters a name into its directory.</summary>
    public static void AddToDirectory(WriteContext context, FileReference directory, FileReference file, byte[] fileName)
    {
        byte[] entry = new byte[(IndexEntry.HeaderSize + fileName.Length + 7) & ~7];
        Le.U64(entry, 0x00, file.Value);
        Le.U16(entry, 0x08, (ushort)entry.Length);
        Le.U16(entry, 0x0A, (ushort)fileName.Length);
        fileName.CopyTo(entry, IndexEntry.HeaderSize);
        string name = new(FileNameView.NameOf(fileName));
        new IndexEditor(context, directory, IndexTree.Directory).Insert(entry, other => Compare(context, name, other));
    }

    /// <summary>Copies sizes, times and attributes of a file to the entry of each of its names.</summary>
    /// <exception cref="Diagnostics.DiskFormatException">A directory does not know the file by its name.</exception>
    public static void UpdateEntries(WriteContext context, FileReference reference)
    {
        NtfsFile file = context.Volume.Load(reference);
        foreach (byte[] fileName in file.ReadAllResident(AttributeType.FileName))
        {
            if (!FileNameView.IsWhole(fileName))
            {
                throw MasterFileTable.Damaged(file.Number, "a whole file name", "a short one");
            }

            FileReference parent = new FileNameView(fileName).Parent;
            string name = new(FileNameView.NameOf(fileName));
            bool found = new IndexEditor(context, parent, IndexTree.Directory).Change(
                other => Compare(context, name, other),
                entry => CopyInformation(file, entry.AsSpan(IndexEntry.HeaderSize)));
            if (!found)
            {
                throw MasterFileTable.Damaged(parent.Number, $"an entry for file record {reference}", "none");
            }
        }
    }

    /// <summary>Fills the sizes, times and attributes of a name from the file.</summary>
    public static void CopyInformation(NtfsFile file, Span<byte> fileName)
    {
        ReadOnlySpan<byte> information = StandardInformation.Read(file);
        AttributeData? data = file.IsDirectory ? null : file.Find(AttributeType.Data, "");
        _ = new FileNameView(fileName)
        {
            CreationTime = Le.I64(information, 0x00),
            ModificationTime = Le.I64(information, 0x08),
            ChangeTime = Le.I64(information, 0x10),
            AccessTime = Le.I64(information, 0x18),
            AllocatedSize = data is null ? 0 : data.Resident is null ? data.AllocatedSize : (data.DataSize + 7) & ~7L,
            DataSize = data?.DataSize ?? 0,
            Attributes = Le.U32(information, 0x20) | (file.IsDirectory ? FileNameView.DirectoryAttribute : 0),
        };
    }

    private static int Compare(WriteContext context, string name, IndexEntry other)
    {
        ReadOnlySpan<char> otherName = FileNameView.NameOf(other.Key);
        int order = context.Volume.Upcase.Compare(name, otherName);
        return order != 0 ? order : name.AsSpan().SequenceCompareTo(otherName);
    }

    private static bool IsDosName(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string stem = dot < 0 ? name : name[..dot];
        string extension = dot < 0 ? "" : name[(dot + 1)..];
        return stem.Length is > 0 and <= 8 && extension.Length <= 3 && (dot < 0 || extension.Length > 0) && IsDosPart(stem) && IsDosPart(extension);
    }

    private static bool IsDosPart(string part)
    {
        foreach (char letter in part)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !DosSpecials.Contains(letter, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
