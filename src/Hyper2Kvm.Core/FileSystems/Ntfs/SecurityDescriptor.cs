using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

// [MS-DTYP] 2.4.6 SECURITY_DESCRIPTOR, self-relative: 0x00 1 revision  0x02 2 control  0x04 4 owner  0x08 4 group  0x0C 4 SACL
// 0x10 4 DACL (offsets). 2.4.5 ACL: 0x00 1 revision  0x02 2 size  0x04 2 count. 2.4.4 ACE: 0x00 1 type  0x01 1 flags  0x02 2 size
// 0x04 4 mask  0x08 SID. 2.4.2 SID: 0x00 1 revision  0x01 1 count  0x02 6 authority  0x08 4 x count.

/// <summary>What a new file or directory inherits from its directory, as [MS-DTYP] 2.5.3.4 computes it.</summary>
/// <remarks>Owner and group are the directory's own: there is no user here whose they could be. Where nothing can be inherited, SYSTEM and
/// Administrators have full access, the default of the account that installs drivers.</remarks>
internal static class SecurityDescriptor
{
    private const byte ObjectInherit = 0x01;
    private const byte ContainerInherit = 0x02;
    private const byte NoPropagate = 0x04;
    private const byte InheritOnly = 0x08;
    private const byte Inherited = 0x10;
    private const byte InheritanceFlags = 0x1F;
    private const ushort DaclPresent = 0x0004;
    private const ushort SaclPresent = 0x0010;
    private const ushort DaclAutoInherited = 0x0400;
    private const ushort SaclAutoInherited = 0x0800;
    private const ushort SelfRelative = 0x8000;
    private const int HeaderSize = 0x14;
    private const string ErrorId = "NtfsSecurityDamaged";
    private const string Structure = "NTFS security descriptor";

    private static ReadOnlySpan<byte> CreatorOwner => [1, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0];

    private static ReadOnlySpan<byte> CreatorGroup => [1, 1, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0];

    private static ReadOnlySpan<byte> DefaultAces =>
    [
        0, 0, 0x14, 0, 0xFF, 0x01, 0x1F, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
        0, 0, 0x18, 0, 0xFF, 0x01, 0x1F, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 0x02, 0, 0,
    ];

    /// <param name="parent">The directory's descriptor.</param>
    /// <param name="isDirectory">What is being created.</param>
    /// <exception cref="DiskFormatException"><c>NtfsSecurityDamaged</c>.</exception>
    public static byte[] Inherit(ReadOnlySpan<byte> parent, bool isDirectory)
    {
        ByteSlice.Take(parent, 0, HeaderSize, ErrorId, Structure, 0);
        ReadOnlySpan<byte> owner = ReadSid(parent, Le.U32(parent, 0x04));
        ReadOnlySpan<byte> group = ReadSid(parent, Le.U32(parent, 0x08));
        ushort control = Le.U16(parent, 0x02);
        List<byte> dacl = (control & DaclPresent) != 0 ? InheritAcl(parent, Le.U32(parent, 0x10), owner, group, isDirectory) : [];
        List<byte> sacl = (control & SaclPresent) != 0 ? InheritAcl(parent, Le.U32(parent, 0x0C), owner, group, isDirectory) : [];
        bool isDefault = dacl.Count == 0;
        if (isDefault)
        {
            dacl.AddRange(DefaultAces);
        }

        List<byte> result = [.. new byte[HeaderSize]];
        int saclAt = sacl.Count > 0 ? AppendAcl(result, sacl) : 0;
        int daclAt = AppendAcl(result, dacl);
        int ownerAt = Append(result, owner);
        int groupAt = Append(result, group);
        byte[] bytes = [.. result];
        bytes[0] = 1;
        Le.U16(bytes, 0x02, (ushort)(SelfRelative | DaclPresent | SaclAutoInherited
            | (isDefault ? 0 : DaclAutoInherited) | (saclAt > 0 ? SaclPresent : 0)));
        Le.U32(bytes, 0x04, (uint)ownerAt);
        Le.U32(bytes, 0x08, (uint)groupAt);
        Le.U32(bytes, 0x0C, (uint)saclAt);
        Le.U32(bytes, 0x10, (uint)daclAt);
        return bytes;
    }

    private static List<byte> InheritAcl(ReadOnlySpan<byte> descriptor, uint offset, ReadOnlySpan<byte> owner, ReadOnlySpan<byte> group, bool isDirectory)
    {
        List<byte> result = [];
        if (offset == 0)
        {
            return result;
        }

        ReadOnlySpan<byte> header = ByteSlice.Take(descriptor, offset, 8, ErrorId, Structure, offset);
        ReadOnlySpan<byte> acl = ByteSlice.Take(descriptor, offset, Math.Max(8, (int)Le.U16(header, 0x02)), ErrorId, Structure, offset);
        int at = 8;
        for (int i = 0; i < Le.U16(header, 0x04); i++)
        {
            int size = Le.U16(ByteSlice.Take(acl, at, 4, ErrorId, Structure, offset), 0x02);
            ReadOnlySpan<byte> ace = ByteSlice.Take(acl, at, Math.Max(8, size), ErrorId, Structure, offset);
            InheritAce(ace, owner, group, isDirectory, result);
            at += ace.Length;
        }

        return result;
    }

    private static void InheritAce(ReadOnlySpan<byte> ace, ReadOnlySpan<byte> owner, ReadOnlySpan<byte> group, bool isDirectory, List<byte> result)
    {
        byte flags = ace[0x01];
        bool applies = (flags & (isDirectory ? ContainerInherit : ObjectInherit)) != 0;
        bool propagates = isDirectory && (flags & NoPropagate) == 0 && (flags & (ContainerInherit | ObjectInherit)) != 0;
        if (!applies && !propagates)
        {
            return;
        }

        byte kept = (byte)((flags & ~InheritanceFlags) | Inherited);
        byte passed = (byte)(flags & (ContainerInherit | ObjectInherit));
        byte[] effective = Resolve(ace, owner, group);
        if (applies && propagates && effective.AsSpan().SequenceEqual(ace))
        {
            effective[0x01] = (byte)(kept | passed);
            result.AddRange(effective);
            return;
        }

        if (applies)
        {
            effective[0x01] = kept;
            result.AddRange(effective);
        }

        if (propagates)
        {
            int at = result.Count;
            result.AddRange(ace);
            result[at + 0x01] = (byte)(kept | passed | InheritOnly);
        }
    }

    /// <summary>The entry as it takes effect: creator SIDs replaced, generic rights spelled out.</summary>
    /// <exception cref="UnsupportedFeatureException"><c>NtfsAccessEntry</c>: a kind of entry that Windows' folders do not hand down.</exception>
    private static byte[] Resolve(ReadOnlySpan<byte> ace, ReadOnlySpan<byte> owner, ReadOnlySpan<byte> group)
    {
        const byte mandatoryLabel = 0x11;
        if (ace[0x00] == mandatoryLabel)
        {
            return ace.ToArray();
        }

        if (ace[0x00] > 2)
        {
            throw new UnsupportedFeatureException("NtfsAccessEntry", $"inheriting access control entries of type {ace[0x00]}", Structure);
        }

        ReadOnlySpan<byte> sid = ReadSid(ace, 0x08);
        sid = sid.SequenceEqual(CreatorOwner) ? owner : sid.SequenceEqual(CreatorGroup) ? group : sid;
        byte[] resolved = [.. ace[..0x08], .. sid];
        Le.U16(resolved, 0x02, (ushort)resolved.Length);
        Le.U32(resolved, 0x04, MapGeneric(Le.U32(ace, 0x04)));
        return resolved;
    }

    private static uint MapGeneric(uint mask)
    {
        uint specific = mask & 0x0FFF_FFFF;
        specific |= (mask & 0x8000_0000) != 0 ? 0x0012_0089 : 0u;
        specific |= (mask & 0x4000_0000) != 0 ? 0x0012_0116 : 0u;
        specific |= (mask & 0x2000_0000) != 0 ? 0x0012_00A0 : 0u;
        specific |= (mask & 0x1000_0000) != 0 ? 0x001F_01FF : 0u;
        return specific;
    }

    private static ReadOnlySpan<byte> ReadSid(ReadOnlySpan<byte> bytes, uint offset)
    {
        ReadOnlySpan<byte> header = ByteSlice.Take(bytes, offset, 8, ErrorId, Structure, offset);
        return header[0] == 1 && header[1] <= 15 && offset != 0
            ? ByteSlice.Take(bytes, offset, 8 + (header[1] * 4), ErrorId, Structure, offset)
            : throw new DiskFormatException(ErrorId, Structure, offset, "a SID", $"revision {header[0]} with {header[1]} parts");
    }

    private static int AppendAcl(List<byte> result, List<byte> aces)
    {
        int count = 0;
        for (int at = 0; at < aces.Count; at += aces[at + 2] | (aces[at + 3] << 8))
        {
            count++;
        }

        byte[] header = new byte[8];
        header[0] = 2;
        Le.U16(header, 0x02, (ushort)(8 + aces.Count));
        Le.U16(header, 0x04, (ushort)count);
        int offset = result.Count;
        result.AddRange(header);
        result.AddRange(aces);
        return offset;
    }

    private static int Append(List<byte> result, ReadOnlySpan<byte> bytes)
    {
        int offset = result.Count;
        result.AddRange(bytes);
        return offset;
    }
}
