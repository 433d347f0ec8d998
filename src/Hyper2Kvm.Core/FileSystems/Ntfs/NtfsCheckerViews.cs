using System.Globalization;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.FileSystems.Ntfs;

// $Extend\$ObjId, index $O: key: object id (16 bytes); value: 8 file reference, 48 where the file was born.
// $Extend\$Reparse, index $R: key: 4 reparse tag, 8 file reference; no value.
// $Extend\$Quota, index $Q: key: 4 owner id; value: 0x30 its SID; id 1 holds the defaults and has none. Index $O: key: SID; value: 4 owner id.

/// <summary>Compares the indexes of <c>$Extend</c> with the files that they are about.</summary>
/// <param name="context">The volume.</param>
/// <param name="isFile">Whether a reference names a file that is there.</param>
/// <param name="onIndexed">Hears of each file whose attribute of that type an index rightly names.</param>
internal sealed class NtfsCheckerViews(NtfsCheckerContext context, Func<FileReference, bool> isFile, Action<long, uint> onIndexed)
{
    private const int ObjectIdSize = 16;
    private const int SidPlace = 0x30;
    private const uint QuotaDefaults = 1;

    /// <summary>One owner for each user of a domain; what a hostile volume lists beyond is not compared.</summary>
    private const int MostOwners = 100_000;

    private readonly Dictionary<uint, string> _sids = [];
    private readonly Dictionary<string, uint> _owners = [];

    public bool HasObjectIds { get; private set; }

    public bool HasReparsePoints { get; private set; }

    /// <summary>What is to be done with each entry of an index of this file; null when the file is none of these.</summary>
    public Action<IndexEntry>? VisitorOf(NtfsCheckerFile file, string index)
    {
        switch (NameOf(file), index)
        {
            case ("$ObjId", "$O"):
                HasObjectIds = true;
                return CheckObjectId;
            case ("$Reparse", "$R"):
                HasReparsePoints = true;
                return CheckReparsePoint;
            case ("$Quota", "$Q"):
                return ReadQuota;
            case ("$Quota", "$O"):
                return ReadOwner;
            default:
                return null;
        }
    }

    /// <summary>Each owner has one SID, and each SID one owner.</summary>
    public void CheckQuota()
    {
        foreach ((uint id, string sid) in _sids)
        {
            if (!_owners.TryGetValue(sid, out uint owner) || owner != id)
            {
                Add("NtfsQuotaIndexWrong", "$Quota", string.Create(CultureInfo.InvariantCulture, $"the SID of owner 0x{id:X} is not in $O, or is another's there"));
            }
        }

        foreach (uint id in _owners.Values)
        {
            if (!_sids.ContainsKey(id))
            {
                Add("NtfsQuotaIndexWrong", "$Quota", string.Create(CultureInfo.InvariantCulture, $"$O names owner 0x{id:X}, who is not in $Q"));
            }
        }
    }

    private static string NameOf(NtfsCheckerFile file)
    {
        foreach (byte[] name in file.FileNames())
        {
            if (new FileNameView(name).Parent.Number == FileReference.ExtendNumber)
            {
                return FileNameView.NameOf(name).ToString();
            }
        }

        return "";
    }

    private void CheckObjectId(IndexEntry entry)
    {
        FileReference reference = new(entry.ViewData.Length >= 8 ? Le.U64(entry.ViewData, 0) : ulong.MaxValue);
        if (entry.KeyLength != ObjectIdSize || !isFile(reference)
            || context.LoadFile(reference.Number)?.Find(AttributeType.ObjectId, "")?.Value is not { Length: >= ObjectIdSize } id
            || !entry.Key.SequenceEqual(id.AsSpan(0, ObjectIdSize)))
        {
            Add("NtfsObjectIdIndexWrong", "$ObjId", $"an entry names record {reference}, which has not that object id");
            return;
        }

        onIndexed(reference.Number, AttributeType.ObjectId);
    }

    private void CheckReparsePoint(IndexEntry entry)
    {
        FileReference reference = new(entry.KeyLength == 12 ? Le.U64(entry.Key, 4) : ulong.MaxValue);
        if (!isFile(reference) || TagOf(context.LoadFile(reference.Number)) != Le.U32(entry.Key, 0))
        {
            Add("NtfsReparseIndexWrong", "$Reparse", $"an entry names record {reference}, which has not that reparse point");
            return;
        }

        onIndexed(reference.Number, AttributeType.ReparsePoint);
    }

    private uint? TagOf(NtfsCheckerFile? file)
    {
        if (file?.Find(AttributeType.ReparsePoint, "") is not { } attribute || context.Open(attribute) is not { Length: >= 4 } point)
        {
            return null;
        }

        byte[] tag = new byte[4];
        point.Read(0, tag);
        return Le.U32(tag, 0);
    }

    private void ReadQuota(IndexEntry entry)
    {
        if (entry.KeyLength != 4 || entry.ViewData.Length < SidPlace)
        {
            Add("NtfsQuotaIndexWrong", "$Quota", "an entry of $Q is too short");
        }
        else if (Le.U32(entry.Key, 0) != QuotaDefaults && _sids.Count < MostOwners)
        {
            _sids[Le.U32(entry.Key, 0)] = SidText(entry.ViewData[SidPlace..]);
        }
    }

    private void ReadOwner(IndexEntry entry)
    {
        if (entry.ViewData.Length < 4)
        {
            Add("NtfsQuotaIndexWrong", "$Quota", "an entry of $O is too short");
        }
        else if (_owners.Count < MostOwners)
        {
            _owners[SidText(entry.Key)] = Le.U32(entry.ViewData, 0);
        }
    }

    /// <summary>A SID's second byte counts its parts; behind them may be padding.</summary>
    private static string SidText(ReadOnlySpan<byte> sid) =>
        sid.Length >= 8 ? Convert.ToHexString(sid[..Math.Min(sid.Length, 8 + (sid[1] * 4))]) : "";

    private void Add(string id, string place, string message) => context.Findings.Add(id, place, message);
}
