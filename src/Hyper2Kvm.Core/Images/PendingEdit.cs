using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Images;

/// <summary>An edit in place that was begun and neither finished nor taken back: its undo journal lies beside the image, under this name.
/// Such an image is half old and half new, so nobody reads it before it is whole again.</summary>
internal static class PendingEdit
{
    private const string Suffix = ".h2kv-pending";

    /// <summary>Where the journal of an unfinished edit of this image is.</summary>
    /// <param name="imagePath">Full path; links are followed.</param>
    public static string JournalOf(string imagePath) => (RealPath.Of(imagePath) ?? imagePath) + Suffix;

    /// <exception cref="GuestStateException"><c>EditUnfinished</c></exception>
    public static void Refuse(string imagePath)
    {
        string journal = JournalOf(imagePath);
        if (File.Exists(journal))
        {
            throw new GuestStateException(
                "EditUnfinished", imagePath,
                $"'{imagePath}' is half edited: an edit in place was interrupted, and its journal '{journal}' is still there.",
                $"Take the edit back first: Undo-GuestEdit -LiteralPath '{imagePath}'. Until then neither boot nor copy the disk.");
        }
    }
}
