using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>The journals beside an image that was edited in place: <c>disk.vmdk.1.h2kv-undo</c>, <c>disk.vmdk.2.h2kv-undo</c> and so on, one
/// for each edit; while one is being made or taken back, its journal is called <c>disk.vmdk.h2kv-pending</c>.</summary>
/// <remarks>A journal is never changed. What state an edit is in is told by the name of its journal alone, and a rename is atomic.</remarks>
internal sealed class UndoStack
{
    private const string Suffix = ".h2kv-undo";

    private readonly string _image;

    /// <param name="imagePath">Full path; links are followed.</param>
    public UndoStack(string imagePath) => _image = RealPath.Of(imagePath) ?? imagePath;

    /// <summary>Of an edit that was begun and neither finished nor taken back.</summary>
    public string Pending => PendingEdit.JournalOf(_image);

    /// <summary>Number of edits that can be undone one after the other.</summary>
    public int Depth
    {
        get
        {
            int depth = 0;
            while (File.Exists(PathOf(depth + 1)))
            {
                depth++;
            }

            return depth;
        }
    }

    /// <summary>The journal of an edit, counted from 1.</summary>
    public string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{_image}.{number}{Suffix}");
}
