namespace Hyper2Kvm.Images;

/// <summary>What an image knows of its bytes from some offset on.</summary>
/// <param name="Kind">Where they are.</param>
/// <param name="Length">For how many bytes this holds, at least 1.</param>
/// <param name="FileOffset">Data: of the first byte of the run; compressed: of the whole block.</param>
/// <param name="StoredLength">Compressed: bytes that the block takes in the file at most.</param>
internal readonly record struct MappedRun(MappedRunKind Kind, long Length, long FileOffset = 0, int StoredLength = 0);
