using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>A volume that holds empty files of given lengths.</summary>
internal sealed class MemoryVolume(params (string Path, long Length)[] files) : IGuestFileSystem
{
    public string Kind => "memory";

    public string Label => "";

    public GuestEntry? Find(GuestPath path)
    {
        foreach ((string name, long length) in files)
        {
            if (new GuestPath(name).Equals(path))
            {
                return new GuestEntry(path.Name, GuestFileAttributes.None, length, DateTime.UnixEpoch);
            }
        }

        return null;
    }

    public IEnumerable<GuestEntry> List(GuestPath directory) => throw new NotSupportedException();

    public IBlockDevice OpenFile(GuestPath path) => throw new NotSupportedException();
}
