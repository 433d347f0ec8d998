using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems;

/// <summary>A volume of a guest that can be edited.</summary>
/// <remarks>Every method leaves the volume consistent once <see cref="Flush"/> has returned. A method that cannot do its work throws
/// before it has changed anything that matters: the transaction above drops the whole edit then.</remarks>
public interface IWritableGuestFileSystem : IGuestFileSystem
{
    /// <summary>An existing file, to be changed in place, grown or shrunk.</summary>
    /// <exception cref="GuestItemNotFoundException">There is no such file.</exception>
    /// <exception cref="UnsupportedFeatureException">The file is compressed, encrypted, sparse or a link.</exception>
    IResizableBlockDevice OpenFileForWriting(GuestPath path);

    /// <summary>Creates a file, or replaces the content of the one that is there (its name, security and links stay).</summary>
    /// <param name="path">Its directory must exist.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="modifiedUtc">Time of last write; creation and change time are set with it.</param>
    /// <exception cref="GuestStateException"><c>GuestVolumeFull</c>: there is no room.</exception>
    void WriteFile(GuestPath path, IBlockDevice content, DateTime modifiedUtc);

    /// <summary>Creates a directory; its parent must exist. Nothing happens when it is there already.</summary>
    void CreateDirectory(GuestPath path, DateTime modifiedUtc);

    /// <summary>Writes everything that is still held back to the device beneath.</summary>
    void Flush();
}
