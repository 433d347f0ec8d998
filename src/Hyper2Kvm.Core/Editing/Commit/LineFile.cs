namespace Hyper2Kvm.Editing.Commit;

/// <summary>Appends lines to a host file, so that a crash leaves either no part of a line or one that shows by its missing end.</summary>
internal static class LineFile
{
    /// <summary>One write, then a flush to the disk. A line that was cut off before is ended first, so that it spoils no other.</summary>
    /// <param name="path">The file; made when it is not there.</param>
    /// <param name="line">Ends with a line feed.</param>
    public static void Append(string path, byte[] line)
    {
        using FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        bool torn = false;
        if (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            torn = stream.ReadByte() != '\n';
        }

        stream.Seek(0, SeekOrigin.End);
        stream.Write(torn ? [(byte)'\n', .. line] : line);
        stream.Flush(flushToDisk: true);
    }
}
