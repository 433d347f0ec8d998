using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

/// <summary>Random sequences of operations, kept in step with a model; the seeds are fixed.</summary>
public class NtfsWriterModelTests
{
    [OracleFact("mkntfs", "ntfs-3g")]
    public void Random_operations_with_512_byte_clusters() => Play(NtfsWorkbench.Make(30_000 + 7, 512), 1, 250);

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Random_operations_with_4_KiB_clusters() => Play(NtfsWorkbench.Make((7 * 8 * 8 * 100) + (7 * 8), 4096), 2, 350);

    [OracleFact("mkntfs", "ntfs-3g")]
    public void Random_operations_with_64_KiB_clusters() => Play(NtfsWorkbench.Make(128 * 1000, 64 * 1024), 3, 250);

    [DataFact(NtfsSamples.TestVolume)]
    public void Random_operations_on_a_volume_of_Windows() => Play(NtfsWorkbench.From(NtfsSamples.Read(NtfsSamples.TestVolume)), 4, 250);

    [DataFact(NtfsSamples.IndexDisk)]
    public void Random_operations_on_the_index_test_volume_of_Windows() => Play(NtfsWorkbench.From(NtfsSamples.Read(NtfsSamples.IndexDisk)), 5, 250);

    [DataFact(NtfsSamples.AttributeLists)]
    public void Random_operations_on_a_volume_with_attribute_lists() => Play(NtfsWorkbench.From(NtfsSamples.Read(NtfsSamples.AttributeLists)), 6, 250);

    private static void Play(NtfsWorkbench bench, int seed, int steps)
    {
        using NtfsWorkbench owned = bench;
        Random random = new(seed);
        List<string> directories = [""];
        Dictionary<string, byte[]> files = [];
        int refusals = 0;
        for (int step = 0; step < steps; step++)
        {
            try
            {
                Step(bench, random, directories, files, step);
            }
            catch (GuestStateException full) when (full.ErrorId == "GuestVolumeFull")
            {
                refusals++;
            }
        }

        Assert.InRange(refusals, 0, steps / 2);
        bench.Judge();
    }

    private static void Step(NtfsWorkbench bench, Random random, List<string> directories, Dictionary<string, byte[]> files, int step)
    {
        string directory = directories[random.Next(directories.Count)];
        int kind = random.Next(10);
        if (kind == 0 && directory.Length < 60)
        {
            string path = $"{directory}\\dir {random.Next(1000)} é{step}";
            bench.CreateDirectory(path);
            directories.Add(path);
        }
        else if (kind <= 5 || files.Count == 0)
        {
            string path = $"{directory}\\{(char)('A' + random.Next(26))}{new string('x', random.Next(40))}{step}.sys";
            Write(bench, files, path, Content(random, step));
        }
        else
        {
            string path = files.Keys.ElementAt(random.Next(files.Count));
            if (kind <= 7)
            {
                Write(bench, files, path, Content(random, step));
            }
            else
            {
                ChangeInPlace(bench, random, files, path, step);
            }
        }
    }

    private static void Write(NtfsWorkbench bench, Dictionary<string, byte[]> files, string path, byte[] content)
    {
        bench.WriteFile(path, content);
        files[path] = content;
    }

    private static byte[] Content(Random random, int step) => NtfsWorkbench.Bytes(step, random.Next(3) switch
    {
        0 => random.Next(900),
        1 => random.Next(10_000),
        _ => random.Next(90_000),
    });

    private static void ChangeInPlace(NtfsWorkbench bench, Random random, Dictionary<string, byte[]> files, string path, int step)
    {
        byte[] content = [.. files[path]];
        IResizableBlockDevice file = bench.Writer.OpenFileForWriting(path);
        Assert.Equal(content.Length, file.Length);
        Array.Resize(ref content, random.Next(2) == 0 ? random.Next(100_000) : content.Length + random.Next(5000));
        file.SetLength(content.Length);
        files[path] = content;
        bench.Expect(path, content);
        if (content.Length > 0)
        {
            int at = random.Next(content.Length);
            byte[] patch = NtfsWorkbench.Bytes(step, random.Next(content.Length - at));
            file.Write(at, patch);
            patch.CopyTo(content, at);
            bench.Expect(path, content);
        }
    }
}
