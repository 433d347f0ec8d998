using System.Security.Cryptography;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>A guest is somebody else's bytes: where an edit writes may lie a link, or a file that is not a plain one.</summary>
public class HostileGuestTests
{
    private const uint ReparsePoint = 0x400;

    [Theory]
    [InlineData(@"\Windows\System32\drivers")]
    [InlineData(@"\Windows\System32\config\SYSTEM")]
    [InlineData(@"\Windows\System32")]
    [InlineData(@"\Windows")]
    public void A_link_in_the_place_of_what_an_edit_writes_is_refused(string path) => Refused(disk => disk.Ntfs(patch => patch.Record(path, record =>
    {
        Span<byte> information = NtfsPatch.Value(record, AttributeType.StandardInformation);
        Le.U32(information, 0x20, Le.U32(information, 0x20) | ReparsePoint);
    })));

    [Theory]
    [InlineData(AttributeView.CompressedFlag)]
    [InlineData(AttributeView.SparseFlag)]
    [InlineData(0x4000)]
    public void A_hive_that_is_compressed_sparse_or_encrypted_is_refused(int flag) => Refused(disk => disk.Ntfs(patch =>
        patch.Record(@"\Windows\System32\config\SYSTEM", record => Le.U16(NtfsPatch.Attribute(record, AttributeType.Data), 0x0C, (ushort)flag))));

    private static void Refused(Action<DamagedDisk> make)
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        VirtioDriverPlan plan = Plans.Plan(disk.Path);
        make(disk);
        byte[] before = SHA256.HashData(File.ReadAllBytes(disk.Path));

        Hyper2KvmException refusal = Assert.ThrowsAny<Hyper2KvmException>(() => Plans.Run(Plans.Request(plan, disk.Path)));

        Assert.NotEqual("EditVerificationFailed", refusal.ErrorId);
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(disk.Path)));
        Assert.Equal([disk.Path], Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }
}
