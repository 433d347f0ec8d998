namespace Hyper2Kvm.Fuzz;

/// <summary>An input that a parser must not meet in this way.</summary>
/// <param name="Kind">The exception and the place in our code, or the bound that was broken; one input is kept of each.</param>
/// <param name="Parts">The input.</param>
/// <param name="Details">For a person.</param>
internal sealed record FuzzFinding(string Kind, IReadOnlyList<FuzzPart> Parts, string Details)
{
    /// <summary>Writes the parts into a folder of their own.</summary>
    /// <returns>The folder.</returns>
    public string Save(string folder, string target)
    {
        string name = string.Concat($"{target}-{Kind}".Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
        string path = Directory.CreateDirectory(Path.Combine(folder, name[..Math.Min(name.Length, 100)])).FullName;
        foreach (FuzzPart part in Parts)
        {
            File.WriteAllBytes(Path.Combine(path, part.Name), part.Bytes);
        }

        File.WriteAllText(Path.Combine(path, "~finding.txt"), $"{Kind}{Environment.NewLine}{Details}{Environment.NewLine}");
        return path;
    }
}
