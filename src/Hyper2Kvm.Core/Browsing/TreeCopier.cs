using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;

namespace Hyper2Kvm.Browsing;

/// <summary>Copies files out of a powered-off disk to the host.</summary>
/// <param name="tree">The disk.</param>
/// <param name="replace">Files of the host that are there already are replaced.</param>
/// <param name="reporter">Hears of links and of how far a long file is.</param>
/// <param name="failed">Hears which path could not be copied and why; the others are copied all the same.</param>
/// <param name="stop">Stops it.</param>
public sealed class TreeCopier(DiskTree tree, bool replace, IReporter reporter, Action<string, Hyper2KvmException> failed, CancellationToken stop)
{
    /// <summary>Far deeper than Windows lets folders be; a damaged disk may hold a folder within itself.</summary>
    private const int DeepestFolder = 256;

    private const int Chunk = 1024 * 1024;

    /// <summary>Copies one file, or a folder with all below it. Links are left out, with a warning.</summary>
    /// <param name="path">Within the tree.</param>
    /// <param name="destination">Full path: an existing folder, into which it goes under its own name, or the new name itself.</param>
    /// <param name="recurse">Folders may be copied.</param>
    /// <returns>The files, one by one as they are done.</returns>
    /// <exception cref="GuestItemNotFoundException"><c>GuestPathNotFound</c>.</exception>
    /// <exception cref="GuestStateException"><c>CopyNeedsRecurse</c>.</exception>
    public IEnumerable<WindowsItemCopy> Copy(string path, string destination, bool recurse)
    {
        GuestNode node = tree.Find(path) ?? throw new GuestItemNotFoundException("GuestPathNotFound", path, $"'{PlainText.Escape(path)}' is not there.");
        if (node.IsContainer && !recurse)
        {
            throw new GuestStateException("CopyNeedsRecurse", path, $"'{PlainText.Escape(path)}' is a folder.", "Add -Recurse to copy it with all below it.");
        }

        string target = Directory.Exists(destination) && node.Name.Length > 0 ? Path.Combine(destination, HostName(node.Name)) : destination;
        return Copy(node, path, target, 0);
    }

    private IEnumerable<WindowsItemCopy> Copy(GuestNode node, string path, string target, int depth)
    {
        stop.ThrowIfCancellationRequested();
        if (!node.IsContainer)
        {
            if (Try(path, () => CopyFile(path, node, target)) is { } copied)
            {
                yield return copied;
            }

            yield break;
        }

        if (depth > DeepestFolder)
        {
            failed(path, new DiskFormatException(
                "FolderTooDeep", "folder", depth, $"at most {DeepestFolder} levels of folders", "more", "Run chkdsk in the guest before migrating it."));
            yield break;
        }

        AtomicFile.CreateFolder(target);
        foreach (GuestNode child in ChildrenOf(path))
        {
            string name = HostName(child.Name);
            if (child.Item is not WindowsItem item)
            {
                failed($"{path}\\{child.Name}", child.Fault!);
                continue;
            }

            bool isLink = (item.Attributes & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == (FileAttributes.Directory | FileAttributes.ReparsePoint);
            if (child.IsAlias || isLink || name is "." or "..")
            {
                reporter.Warning($"'{item.FullName}' was left out: {(isLink ? "it is a link: give Copy-WindowsItem the path that it leads to" : "its name leads elsewhere")}.");
                continue;
            }

            foreach (WindowsItemCopy copy in Copy(child, $"{path}\\{child.Name}", Path.Combine(target, name), depth + 1))
            {
                yield return copy;
            }
        }
    }

    /// <summary>What lies in a folder, as far as it can be listed.</summary>
    private IEnumerable<GuestNode> ChildrenOf(string path)
    {
        IEnumerator<GuestNode>? children = null;
        while (Try(path, () => (children ??= tree.Children(path).GetEnumerator()).MoveNext()))
        {
            yield return children!.Current;
        }
    }

    /// <summary>What the work gives; nothing where it fails, which is told.</summary>
    private T? Try<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Hyper2KvmException exception)
        {
            failed(path, exception);
            return default;
        }
    }

    private WindowsItemCopy CopyFile(string path, GuestNode node, string target)
    {
        WindowsItem item = node.Item as WindowsItem ?? throw node.Fault!;
        using Stream source = tree.OpenRead(path);
        AtomicFile.Write(target, replace, stream => CopyBytes(source, stream, item.FullName), item.LastWriteTimeUtc, null);
        return new WindowsItemCopy(item.FullName, target, source.Length);
    }

    private void CopyBytes(Stream source, Stream target, string name)
    {
        byte[] buffer = new byte[Chunk];
        ByteProgress progress = new(reporter, $"Copying '{name}'");
        for (int count = source.Read(buffer); count > 0; count = source.Read(buffer))
        {
            stop.ThrowIfCancellationRequested();
            target.Write(buffer, 0, count);
            progress.Report(source.Position, source.Length);
        }
    }

    /// <summary>Characters that the host's file system takes for something else become underscores.</summary>
    private static string HostName(string name) => string.Concat(name.Select(c => Path.GetInvalidFileNameChars().Contains(c) || c == '\\' ? '_' : c));
}
