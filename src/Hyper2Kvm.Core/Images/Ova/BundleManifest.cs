using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images.Ova;

// DMTF DSP0243, 5.1: a manifest has one line per file, "SHA256(name)= hex"; OpenSSL from 3.0 on writes "SHA2-256(name)= hex".

/// <summary>The hashes that come with an OVF folder or an OVA, and whether its files have them.</summary>
public static partial class BundleManifest
{
    private const int MaxBytes = 1024 * 1024;
    private const int BufferBytes = 1024 * 1024;

    /// <summary>Reads every file that the manifest names and compares its hash.</summary>
    /// <param name="path">An OVA, or an OVF file, which has its manifest beside it under its own name with <c>.mf</c>.</param>
    /// <param name="reporter">Hears how far it is, and what is left unchecked.</param>
    /// <param name="token">Stops it.</param>
    /// <exception cref="GuestItemNotFoundException"><c>ManifestNotFound</c>, <c>ManifestFileMissing</c>.</exception>
    /// <exception cref="DiskFormatException"><c>ManifestMismatch</c>, <c>ManifestDamaged</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>ManifestHashNotSupported</c>.</exception>
    public static void Verify(string path, IReporter reporter, CancellationToken token)
    {
        string file = OvaPath.Split(path)?.File ?? path;
        Dictionary<string, Func<FileBlockDevice>> files = OvaFile.TryOpen(file) is { } ova ? MembersOf(ova) : FilesBeside(file);
        string name = NameIn(files, file);
        List<(string Name, string Algorithm, string Hash)> lines = Parse(name, files[name]);
        long total = 0;
        foreach ((string entry, _, _) in lines)
        {
            using FileBlockDevice device = Open(files, entry, name);
            total += device.Length;
        }

        long done = 0;
        ByteProgress progress = new(reporter, $"Verifying the manifest of '{file}'");
        foreach ((string entry, string algorithm, string hash) in lines)
        {
            using FileBlockDevice device = Open(files, entry, name);
            string found = HashOf(device, algorithm, ref done, total, progress, token);
            if (found != hash)
            {
                throw new DiskFormatException(
                    "ManifestMismatch", $"'{device.Path}'", 0, $"{algorithm} {hash} as in its manifest", found,
                    "The file was changed or damaged after the export: copy or export it again.");
            }
        }

        WarnOfRest(files, lines, name, reporter);
    }

    private static Dictionary<string, Func<FileBlockDevice>> MembersOf(OvaFile ova)
    {
        Dictionary<string, Func<FileBlockDevice>> files = new(StringComparer.Ordinal);
        foreach (TarMember member in ova.Members)
        {
            files.Add(member.Name, () => ova.Open(member));
        }

        return files;
    }

    private static Dictionary<string, Func<FileBlockDevice>> FilesBeside(string path)
    {
        Dictionary<string, Func<FileBlockDevice>> files = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!))
        {
            files.Add(Path.GetFileName(file), () => new FileBlockDevice(file));
        }

        return files;
    }

    /// <summary>An OVA has one manifest; a folder may hold several machines, each with its own.</summary>
    private static string NameIn(Dictionary<string, Func<FileBlockDevice>> files, string path)
    {
        string beside = Path.ChangeExtension(Path.GetFileName(path), ".mf");
        string? only = null;
        int count = 0;
        foreach (string name in files.Keys)
        {
            if (name.EndsWith(".mf", StringComparison.OrdinalIgnoreCase))
            {
                count += 1;
                only = name;
                if (name.Equals(beside, StringComparison.OrdinalIgnoreCase))
                {
                    return name;
                }
            }
        }

        bool isArchive = !path.EndsWith(".ovf", StringComparison.OrdinalIgnoreCase);
        return isArchive && count == 1 ? only! : throw new GuestItemNotFoundException(
            "ManifestNotFound", path, $"'{path}' comes without a manifest (.mf), so there is nothing to verify it with.",
            "Leave -VerifyManifest out, or export it again with a manifest.");
    }

    private static List<(string Name, string Algorithm, string Hash)> Parse(string name, Func<FileBlockDevice> open)
    {
        using FileBlockDevice device = open();
        string text = Encoding.UTF8.GetString(device.ReadAll(MaxBytes, "ManifestDamaged", $"'{device.Path}'"));
        List<(string, string, string)> lines = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (string line in text.TrimStart('\uFEFF').Split('\n'))
        {
            string plain = line.Trim();
            if (plain.Length == 0)
            {
                continue;
            }

            Match match = Line().Match(plain);
            string algorithm = match.Groups["algorithm"].Value.ToUpperInvariant().Replace("SHA2-", "SHA", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
            string hash = match.Groups["hash"].Value.ToLowerInvariant();
            if (match.Success && LengthOf(algorithm) == 0)
            {
                throw new UnsupportedFeatureException("ManifestHashNotSupported", $"the hash '{algorithm}' in a manifest", $"'{device.Path}'");
            }

            if (!match.Success || hash.Length != LengthOf(algorithm) || !names.Add(match.Groups["name"].Value))
            {
                throw new DiskFormatException(
                    "ManifestDamaged", $"'{device.Path}'", 0, "lines such as SHA256(disk1.vmdk)= 0123..., one for each file", $"'{string.Concat(plain.Take(100))}'");
            }

            lines.Add((match.Groups["name"].Value, algorithm, hash));
        }

        return lines.Count > 0 ? lines : throw new DiskFormatException("ManifestDamaged", $"'{name}'", 0, "a hash for each file", "none");
    }

    private static FileBlockDevice Open(Dictionary<string, Func<FileBlockDevice>> files, string entry, string manifest) =>
        files.TryGetValue(entry, out Func<FileBlockDevice>? open) ? open() : throw new GuestItemNotFoundException(
            "ManifestFileMissing", entry, $"The manifest '{manifest}' names the file '{entry}', which is not there.", "Copy all files of the export.");

    private static string HashOf(
        FileBlockDevice device, string algorithm, ref long done, long total, ByteProgress progress, CancellationToken token)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(new HashAlgorithmName(algorithm));
        byte[] buffer = new byte[BufferBytes];
        for (long offset = 0; offset < device.Length;)
        {
            token.ThrowIfCancellationRequested();
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, device.Length - offset));
            device.Read(offset, part);
            hash.AppendData(part);
            offset += part.Length;
            done += part.Length;
            progress.Report(done, total);
        }

        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }

    private static void WarnOfRest(
        Dictionary<string, Func<FileBlockDevice>> files, List<(string Name, string Algorithm, string Hash)> lines, string manifest, IReporter reporter)
    {
        HashSet<string> checkedNames = new(StringComparer.Ordinal);
        foreach ((string name, _, _) in lines)
        {
            checkedNames.Add(name);
        }

        foreach (string name in files.Keys)
        {
            string extension = Path.GetExtension(name).ToLowerInvariant();
            bool isOurs = name.StartsWith(Path.GetFileNameWithoutExtension(manifest), StringComparison.OrdinalIgnoreCase);
            if (extension == ".cert" && isOurs)
            {
                reporter.Warning($"The signature in '{name}' was not checked: -VerifyManifest compares hashes only.");
            }
            else if (extension is ".ovf" or ".vmdk" && isOurs && !checkedNames.Contains(name))
            {
                reporter.Warning($"The manifest '{manifest}' has no hash of '{name}', so -VerifyManifest says nothing of it.");
            }
        }

        reporter.Verbose(string.Create(CultureInfo.InvariantCulture, $"{lines.Count} files are as the manifest '{manifest}' says."));
    }

    private static int LengthOf(string algorithm) => algorithm switch
    {
        "SHA1" => 40,
        "SHA256" => 64,
        "SHA384" => 96,
        "SHA512" => 128,
        _ => 0,
    };

    [GeneratedRegex(@"^(?<algorithm>[A-Za-z0-9-]+)\s*\((?<name>.+)\)\s*=\s*(?<hash>[0-9A-Fa-f]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
