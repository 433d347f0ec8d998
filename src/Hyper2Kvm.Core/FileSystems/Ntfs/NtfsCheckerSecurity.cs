using System.Globalization;
using System.Numerics;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

// $Secure:$SDS holds the security descriptors in blocks of 256 KiB, each followed by its copy. An entry, aligned to 16 bytes:
//   0x00 4 hash   0x04 4 security id   0x08 8 offset in $SDS   0x10 4 length with this header   0x14 descriptor
// $SII finds an entry by its id, $SDH by its hash and id; the data of both are the entry's header.

/// <summary>Checks the security descriptors that all files share.</summary>
internal sealed class NtfsCheckerSecurity
{
    private const int HeaderSize = 0x14;
    private const int BlockSize = 0x40000;
    private const int HashShift = 3;

    private readonly NtfsCheckerContext _context;
    private readonly IBlockDevice _stream;
    private readonly NtfsCheckerIndex? _byId;
    private readonly NtfsCheckerIndex? _byHash;

    private NtfsCheckerSecurity(NtfsCheckerContext context, NtfsCheckerFile file, NtfsCheckerAttribute stream)
    {
        _context = context;
        _stream = context.Open(stream);
        _byId = NtfsCheckerIndex.Open(context, file, "$SII");
        _byHash = NtfsCheckerIndex.Open(context, file, "$SDH");
    }

    /// <summary>Null, and a finding, when $Secure cannot be read; null without one before NTFS 3.0.</summary>
    public static NtfsCheckerSecurity? Open(NtfsCheckerContext context)
    {
        NtfsCheckerFile? file = context.LoadFile(FileReference.SecureNumber);
        if (file?.Find(AttributeType.Data, "$SDS") is { } stream)
        {
            return new NtfsCheckerSecurity(context, file, stream);
        }

        context.Findings.Add("NtfsSecureMissing", "$Secure", "there is no stream $SDS with the security descriptors");
        return null;
    }

    /// <summary>Checks all descriptors and both indexes.</summary>
    /// <returns>The ids that there are.</returns>
    public HashSet<uint> CheckAll()
    {
        HashSet<uint> ids = [];
        HashSet<(uint Hash, uint Id)> keys = [];
        _byId?.Walk(entry =>
        {
            if (entry.KeyLength >= 4 && entry.ViewData.Length >= HeaderSize)
            {
                uint id = Le.U32(entry.Key, 0);
                ids.Add(id);
                keys.Add((Le.U32(entry.ViewData, 0), id));
                CheckDescriptor(entry.ViewData, id);
            }
            else
            {
                Add("NtfsSecurityIndexWrong", 0, "an entry of $SII is too short");
            }
        });
        _byHash?.Walk(entry =>
        {
            if (entry.KeyLength < 8 || entry.ViewData.Length < HeaderSize || !keys.Remove((Le.U32(entry.Key, 0), Le.U32(entry.Key, 4)))
                || Le.U64(entry.Key, 0) != Le.U64(entry.ViewData, 0))
            {
                Add("NtfsSecurityIndexWrong", entry.KeyLength < 8 ? 0 : Le.U32(entry.Key, 4), "$SDH has an entry that $SII has not");
            }
        });
        foreach ((_, uint id) in keys)
        {
            Add("NtfsSecurityIndexWrong", id, "$SII has an entry that $SDH has not");
        }

        return ids;
    }

    /// <summary>Checks one id: its entry in both indexes and its descriptor.</summary>
    /// <returns>Whether there is such an id.</returns>
    public bool CheckOne(uint id)
    {
        if (_byId?.Find(entry => entry.KeyLength >= 4 ? id.CompareTo(Le.U32(entry.Key, 0)) : 1) is not { } found || found.ViewData.Length < HeaderSize)
        {
            return false;
        }

        CheckDescriptor(found.ViewData, id);
        uint hash = Le.U32(found.ViewData, 0);
        int Compare(IndexEntry entry)
        {
            int order = entry.KeyLength >= 8 ? hash.CompareTo(Le.U32(entry.Key, 0)) : 1;
            return order != 0 ? order : id.CompareTo(Le.U32(entry.Key, 4));
        }

        if (_byHash?.Find(Compare) is null)
        {
            Add("NtfsSecurityIndexWrong", id, "$SII has an entry that $SDH has not");
        }

        return true;
    }

    private void CheckDescriptor(ReadOnlySpan<byte> header, uint id)
    {
        long offset = Le.I64(header, 0x08);
        long length = Le.U32(header, 0x10);
        if (Le.U32(header, 0x04) != id || offset < 0 || offset % 16 != 0 || offset / BlockSize % 2 != 0 || length is <= HeaderSize or > BlockSize
            || offset > _stream.Length - length)
        {
            Add("NtfsSecurityIndexWrong", id, "its entry in $SII cannot be");
            return;
        }

        byte[] entry = new byte[length];
        _stream.Read(offset, entry);
        uint hash = 0;
        for (int i = HeaderSize; i + 4 <= length; i += 4)
        {
            hash = unchecked(Le.U32(entry, i) + BitOperations.RotateLeft(hash, HashShift));
        }

        if (!entry.AsSpan().StartsWith(header[..HeaderSize]) || hash != Le.U32(header, 0))
        {
            Add("NtfsSecurityDescriptorDamaged", id, "its header or hash in $SDS is not that of $SII");
        }

        if (offset + BlockSize > _stream.Length - length)
        {
            Add("NtfsSecurityCopyDiffers", id, "its copy in $SDS is missing");
            return;
        }

        byte[] copy = new byte[length];
        _stream.Read(offset + BlockSize, copy);
        if (!entry.AsSpan().SequenceEqual(copy))
        {
            Add("NtfsSecurityCopyDiffers", id, "its copy in $SDS is not like it");
        }
    }

    private void Add(string id, uint securityId, string message) =>
        _context.Findings.Add(id, string.Create(CultureInfo.InvariantCulture, $"security id 0x{securityId:X}"), message);
}
