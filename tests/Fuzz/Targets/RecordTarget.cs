using System.Security.Cryptography;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Migration;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>What the product itself wrote beside a disk, and somebody may have changed since: the change log, the undo journal, the state
/// of a migration. The first part's name says which.</summary>
internal sealed class RecordTarget() : FileTarget("record")
{
    private const int HashPlace = 24;
    private const int BodyPlace = 56;

    public override void Repair(IReadOnlyList<FuzzPart> parts)
    {
        byte[] bytes = parts[0].Bytes;
        if (bytes.AsSpan().StartsWith("H2KVUNDO"u8) && bytes.Length > BodyPlace)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(16), (long)bytes.Length);
            SHA256.HashData(bytes.AsSpan(BodyPlace), bytes.AsSpan(HashPlace));
        }
    }

    protected override void Run(string path)
    {
        if (path.EndsWith(".h2kv-pending", StringComparison.Ordinal))
        {
            _ = UndoJournal.Read(path).RegionBytes;
        }
        else if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            _ = MigrationStateFile.Read(path);
        }
        else
        {
            Hyper2KvmException? last = null;
            _ = ChangeLogReader.Read(path, error => last = error, SilentReporter.Instance).Count();
            if (last is not null)
            {
                throw last;
            }
        }
    }
}
