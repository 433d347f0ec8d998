using System.Buffers.Binary;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

public class SecurityDescriptorTests
{
    /// <summary>On a real volume most folders have files and folders in them that Windows itself made by the same rules.</summary>
    [DataFact("ntfs/secure/museum-SDS-win2012r2.gz")]
    public void What_is_inherited_is_found_verbatim_on_a_volume_of_Windows()
    {
        List<byte[]> all = Descriptors(SharedData.Read("ntfs/secure/museum-SDS-win2012r2.gz"));
        HashSet<string> known = [.. all.Select(Convert.ToHexString)];
        Assert.Equal(508, all.Count);
        Assert.InRange(all.Count(parent => known.Contains(Convert.ToHexString(SecurityDescriptor.Inherit(parent, isDirectory: false)))), 290, 508);
        Assert.InRange(all.Count(parent => known.Contains(Convert.ToHexString(SecurityDescriptor.Inherit(parent, isDirectory: true)))), 270, 508);
    }

    [DataFact("ntfs/secure/museum-SDS-win2012r2.gz")]
    public void Damaged_descriptors_give_typed_errors()
    {
        Random random = new(9);
        foreach (byte[] descriptor in Descriptors(SharedData.Read("ntfs/secure/museum-SDS-win2012r2.gz")))
        {
            byte[] damaged = random.Next(2) == 0 ? descriptor[..random.Next(descriptor.Length)] : [.. descriptor];
            for (int i = 0; i < 3 && damaged.Length > 0; i++)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)random.Next(256);
            }

            try
            {
                SecurityDescriptor.Inherit(damaged, isDirectory: true);
            }
            catch (Hyper2KvmException error)
            {
                Assert.Contains(error.ErrorId, (string[])["NtfsSecurityDamaged", "NtfsAccessEntry"]);
            }
        }
    }

    private static List<byte[]> Descriptors(byte[] stream)
    {
        List<byte[]> found = [];
        for (int block = 0; block < stream.Length; block += 0x80000)
        {
            int at = block;
            while (at + 0x14 < Math.Min(stream.Length, block + 0x40000))
            {
                int length = BinaryPrimitives.ReadInt32LittleEndian(stream.AsSpan(at + 0x10));
                if (length <= 0x14)
                {
                    break;
                }

                found.Add(stream.AsSpan(at + 0x14, length - 0x14).ToArray());
                at = (at + length + 15) & ~15;
            }
        }

        return found;
    }
}
