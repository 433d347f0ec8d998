using System.IO.MemoryMappedFiles;
using System.Text;

namespace Hyper2Kvm.Fuzz;

/// <summary>The input that a child process runs, in a file that outlives it: a stack overflow leaves nothing else behind.</summary>
/// <remarks>i64 number of the mutant, i32 parts, then for each: i32 and the name, i32 and the bytes.</remarks>
internal sealed class LastInput(string path) : IDisposable
{
    private const long Capacity = 64L << 20;

    private readonly MemoryMappedFile _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Capacity);

    public void Write(long number, IReadOnlyList<FuzzPart> parts)
    {
        using MemoryMappedViewStream stream = _file.CreateViewStream();
        using BinaryWriter writer = new(stream, Encoding.UTF8);
        writer.Write(number);
        writer.Write(parts.Count);
        foreach (FuzzPart part in parts)
        {
            writer.Write(part.Name);
            writer.Write(part.Bytes.Length);
            writer.Write(part.Bytes);
        }
    }

    public (long Number, IReadOnlyList<FuzzPart> Parts) Read()
    {
        using MemoryMappedViewStream stream = _file.CreateViewStream();
        using BinaryReader reader = new(stream, Encoding.UTF8);
        long number = reader.ReadInt64();
        FuzzPart[] parts = new FuzzPart[reader.ReadInt32()];
        for (int i = 0; i < parts.Length; i++)
        {
            string name = reader.ReadString();
            parts[i] = new FuzzPart(name, reader.ReadBytes(reader.ReadInt32()));
        }

        return (number, parts);
    }

    public void Dispose() => _file.Dispose();
}
