using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Writes a host file so that it is there wholly or not at all.</summary>
public static class AtomicFile
{
    /// <summary>A dot, 32 digits of a GUID, and .tmp.</summary>
    private const int TemporarySuffixLength = 37;

    /// <summary>Writes beside the target, flushes to the disk, renames, and flushes the folder.</summary>
    /// <param name="path">The target; its folder must exist.</param>
    /// <param name="replace">An existing file may be replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="GuestStateException"><c>DestinationExists</c>, <c>DestinationIsFolder</c>.</exception>
    /// <exception cref="GuestItemNotFoundException"><c>DestinationFolderNotFound</c>.</exception>
    /// <exception cref="IOException">The host cannot: disk full, ...; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, bool replace, Action<Stream> write) => Write(path, replace, write, null, null);

    /// <param name="path">The target; its folder must exist.</param>
    /// <param name="replace">An existing file may be replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="written">Time of writing that the file is to show, or null.</param>
    /// <param name="close">Closes the file that is replaced, which Windows asks for; or null.</param>
    internal static void Write(string path, bool replace, Action<Stream> write, DateTime? written, Action? close)
    {
        CheckPlace(path);
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
                if (written is { } time)
                {
                    stream.Flush();
                    File.SetLastWriteTimeUtc(stream.SafeFileHandle, time);
                }

                stream.Flush(flushToDisk: true);
            }

            close?.Invoke();
            Rename(temporary, path, replace);
        }
        catch (IOException exception)
        {
            // The host's own words name the temporary file, which means nothing to the user.
            throw new IOException($"'{path}' cannot be written: {exception.Message.Replace(temporary, path, StringComparison.Ordinal)}", exception)
            {
                HResult = exception.HResult,
            };
        }
        finally
        {
            // After the rename this does nothing; before it, no half-written file stays.
            File.Delete(temporary);
        }
    }

    /// <summary>Deletes a file, durably.</summary>
    internal static void Delete(string path)
    {
        File.Delete(path);
        HostFile.FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes what <see cref="Write(string, bool, Action{Stream})"/> left of this file when its process was killed. Only for who
    /// knows that no other process writes it.</summary>
    internal static void DeleteLeftovers(string path)
    {
        string name = Path.GetFileName(path);
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string other = Path.GetFileName(file);
            bool isLeft = other.Length == name.Length + TemporarySuffixLength
                && other.StartsWith(name + ".", StringComparison.Ordinal) && other.EndsWith(".tmp", StringComparison.Ordinal)
                && Guid.TryParseExact(other.AsSpan(name.Length + 1, 32), "N", out _);
            if (isLeft)
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Makes a folder for results, with those above it, where it is missing.</summary>
    /// <exception cref="GuestStateException"><c>OutputDirectoryIsFile</c>.</exception>
    public static void CreateFolder(string folder)
    {
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(at))
            {
                throw new GuestStateException(
                    "OutputDirectoryIsFile", folder, $"The folder '{folder}' cannot be made: '{at}' is a file.", "Give another -OutputDirectory.");
            }
        }

        Directory.CreateDirectory(folder);
    }

    /// <summary>Gives a complete and flushed file its name, for good: a crash of the host does not undo it.</summary>
    internal static void Rename(string temporary, string path, bool replace)
    {
        File.Move(temporary, path, replace);
        HostFile.FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>A file can be written there.</summary>
    /// <exception cref="GuestStateException"><c>DestinationIsFolder</c>.</exception>
    /// <exception cref="GuestItemNotFoundException"><c>DestinationFolderNotFound</c>.</exception>
    internal static void CheckPlace(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (Directory.Exists(path))
        {
            throw new GuestStateException(
                "DestinationIsFolder", path, $"'{path}' is a folder, not a file to write.", "Give the name of a file in it.");
        }

        if (!Directory.Exists(folder))
        {
            throw new GuestItemNotFoundException(
                "DestinationFolderNotFound",
                path,
                $"'{path}' cannot be written: there is no folder '{folder}'.",
                "Make the folder first, or name another place for the result.");
        }
    }

    internal static GuestStateException Exists(string path) => new(
        "DestinationExists",
        path,
        $"'{path}' exists already and is not ours to replace.",
        "Move it away or name another place for the result; -Force, where the cmdlet has it, replaces the file.");
}
