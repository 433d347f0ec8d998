namespace Hyper2Kvm.Editing.Commit;

/// <summary>A run of bytes that an edit overwrites.</summary>
/// <param name="File">Index of the file.</param>
/// <param name="Offset">First byte within it.</param>
/// <param name="Before">What was there.</param>
/// <param name="After">What the edit put there; as long.</param>
internal sealed record UndoRegion(int File, long Offset, byte[] Before, byte[] After);
