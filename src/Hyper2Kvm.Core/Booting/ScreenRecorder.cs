using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Hyper2Kvm.Editing.Commit;

namespace Hyper2Kvm.Booting;

/// <summary>Keeps what the screen shows, each picture once, as PNG files.</summary>
/// <param name="folder">Host folder; it must exist.</param>
/// <param name="name">Beginning of the files' names.</param>
internal sealed class ScreenRecorder(string folder, string name)
{
    private const int MaxPictures = 200;
    private const int LooksOfStillness = 3;

    private readonly List<string> _files = [];
    private byte[] _last = [];
    private int _same;

    public IReadOnlyList<string> Files => _files;

    /// <summary>The picture has not changed for some looks.</summary>
    public bool IsStill => _same >= LooksOfStillness;

    /// <returns>What it shows; null when there is no picture.</returns>
    public ScreenKind? Take(TrialMachine machine, TimeSpan at, CancellationToken token)
    {
        string file = machine.TemporaryFile("screen.ppm");
        machine.Qmp.Execute("screendump", new JsonObject { ["filename"] = file }, token);
        if (!File.Exists(file) || PixelMap.FromPpm(File.ReadAllBytes(file)) is not { } screen)
        {
            return null;
        }

        byte[] hash = SHA256.HashData(screen.Pixels);
        bool isNew = !hash.AsSpan().SequenceEqual(_last);
        _same = isNew ? 0 : _same + 1;
        _last = hash;
        if (isNew && _files.Count < MaxPictures)
        {
            string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{(int)at.TotalSeconds:0000}s.png"));
            AtomicFile.Write(path, replace: true, stream => stream.Write(screen.ToPng()));
            _files.Remove(path);
            _files.Add(path);
        }

        return ScreenClassifier.Classify(screen);
    }
}
