using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Holds the files of a disk while it is edited: no other edit of it begins, and no guest is started on it.</summary>
internal sealed class EditLock : IDisposable
{
    private readonly List<HostFileLock> _locks = [];

    private EditLock()
    {
    }

    /// <param name="image">The image to edit; what is beneath it may have other images on it, and is not held.</param>
    /// <exception cref="GuestStateException"><c>ImageInUse</c></exception>
    public static EditLock Take(DiskImage image) => Take(
        image.Files.Except(image.Backing?.Files ?? []), OverlayCommit.IsOurs(image));

    /// <param name="paths">The files.</param>
    /// <param name="areReplaced">Other files take their place: nobody may even read them.</param>
    /// <exception cref="GuestStateException"><c>ImageInUse</c></exception>
    public static EditLock Take(IEnumerable<string> paths, bool areReplaced)
    {
        EditLock held = new();
        bool isComplete = false;
        try
        {
            foreach (string path in paths)
            {
                held._locks.Add(HostFileLock.ForEdit(path, areReplaced));
            }

            isComplete = true;
            return held;
        }
        finally
        {
            if (!isComplete)
            {
                held.Dispose();
            }
        }
    }

    /// <summary>From here on nobody may have the files open in any way.</summary>
    /// <exception cref="GuestStateException"><c>ImageInUse</c></exception>
    public void RefuseAllOthers() => _locks.ForEach(held => held.RefuseAllOthers());

    public void Dispose() => _locks.ForEach(held => held.Dispose());
}
