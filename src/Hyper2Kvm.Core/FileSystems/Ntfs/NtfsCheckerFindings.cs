namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Collects what <see cref="NtfsChecker"/> finds, up to a limit: a volume full of faults must not fill the memory.</summary>
internal sealed class NtfsCheckerFindings
{
    private const int Limit = 1000;

    private readonly List<FileSystemFinding> _all = [];
    private readonly HashSet<FileSystemFinding> _seen = [];

    public IReadOnlyList<FileSystemFinding> All => _all;

    public void Add(string id, string place, string message)
    {
        FileSystemFinding finding = _all.Count < Limit
            ? new FileSystemFinding(id, place, message)
            : new FileSystemFinding("NtfsTooManyFindings", "NTFS volume", "there are more findings than are listed here");
        if (_all.Count <= Limit && _seen.Add(finding))
        {
            _all.Add(finding);
        }
    }
}
