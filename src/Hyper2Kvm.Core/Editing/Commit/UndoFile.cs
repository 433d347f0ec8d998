namespace Hyper2Kvm.Editing.Commit;

/// <summary>A file of a disk as a journal knows it.</summary>
/// <param name="Name">Without a path: the file lies beside the journal.</param>
/// <param name="Length">In bytes; an edit in place changes no length.</param>
/// <param name="WrittenBefore">Time of its last writing before the edit, UTC.</param>
/// <param name="WrittenAfter">The time that the edit gave it.</param>
internal sealed record UndoFile(string Name, long Length, DateTime WrittenBefore, DateTime WrittenAfter);
