using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Unit.Guest;

/// <summary>A volume that holds files of given lengths, and some with content.</summary>
internal sealed class MemoryVolume(params (string Path, long Length)[] files) : IGuestFileSystem
{
    private readonly Dictionary<GuestPath, byte[]> _contents = [];

    public string Kind => "memory";

    public string Label => "";

    public MemoryVolume Add(string path, byte[] content)
    {
        _contents[path] = content;
        return this;
    }

    public GuestEntry? Find(GuestPath path)
    {
        if (_contents.TryGetValue(path, out byte[]? content))
        {
            return new GuestEntry(path.Name, GuestFileAttributes.None, content.Length, DateTime.UnixEpoch);
        }

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

    public IBlockDevice OpenFile(GuestPath path) => new MemoryBlockDevice(_contents[path]);
}
