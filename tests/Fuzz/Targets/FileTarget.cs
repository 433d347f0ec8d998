namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A parser that reads files of the host: the parts lie beside each other in a folder of its own.</summary>
internal abstract class FileTarget(string name) : FuzzTarget(name)
{
    private const int Step = 64 << 10;

    private readonly Lazy<string> _folder = new(MakeFolder);

    public sealed override void Run(IReadOnlyList<FuzzPart> parts)
    {
        foreach (FuzzPart part in parts)
        {
            Write(Path.Combine(_folder.Value, part.Name), part.Bytes);
        }

        Run(Path.Combine(_folder.Value, parts[0].Name));
    }

    /// <param name="path">The file of the first part.</param>
    protected abstract void Run(string path);

    /// <summary>Made when the first input comes, gone with the process.</summary>
    private static string MakeFolder()
    {
        string folder = Directory.CreateTempSubdirectory("h2k-fuzz-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    /// <summary>Images are mostly zeros: those stay holes.</summary>
    private static void Write(string path, byte[] bytes)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int offset = 0; offset < bytes.Length; offset += Step)
        {
            ReadOnlySpan<byte> piece = bytes.AsSpan(offset, Math.Min(Step, bytes.Length - offset));
            if (piece.ContainsAnyExcept((byte)0))
            {
                file.Position = offset;
                file.Write(piece);
            }
        }

        file.SetLength(bytes.Length);
    }
}
