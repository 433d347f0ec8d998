using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Writes a host file so that it is there wholly or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes beside the target, flushes to the disk, then renames.</summary>
    /// <param name="path">The target; its folder must exist.</param>
    /// <param name="replace">An existing file may be replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="GuestStateException"><c>DestinationExists</c>.</exception>
    /// <exception cref="IOException">The host cannot: no such folder, disk full, ...; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, bool replace, Action<Stream> write)
    {
        if (!replace && File.Exists(path))
        {
            throw Exists(path);
        }

        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, replace);
        }
        finally
        {
            // After the rename this does nothing; before it, no half-written file stays.
            File.Delete(temporary);
        }
    }

    internal static GuestStateException Exists(string path) => new(
        "DestinationExists",
        path,
        $"'{path}' exists already and is not ours to replace.",
        "Move it away or name another place for the result; -Force, where the cmdlet has it, replaces the file.");
}
