namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A parser that reads files of the host: the parts lie beside each other in a folder of its own.</summary>
internal abstract class FileTarget(string name) : FuzzTarget(name), IDisposable
{
    private const int Step = 64 << 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("h2k-fuzz-").FullName;

    public sealed override void Run(IReadOnlyList<FuzzPart> parts)
    {
        foreach (FuzzPart part in parts)
        {
            Write(Path.Combine(_folder, part.Name), part.Bytes);
        }

        Run(Path.Combine(_folder, parts[0].Name));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <param name="path">The file of the first part.</param>
    protected abstract void Run(string path);

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
