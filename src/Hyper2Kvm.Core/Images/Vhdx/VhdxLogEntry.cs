namespace Hyper2Kvm.Images.Vhdx;

/// <summary>A sound entry of a VHDX log.</summary>
/// <param name="Offset">Within the log.</param>
/// <param name="Length">Bytes, whole sectors of 4096.</param>
/// <param name="Tail">Offset within the log of the oldest entry that this one needs to be replayed before it.</param>
/// <param name="SequenceNumber">One more than that of the entry before.</param>
/// <param name="Descriptors">How many follow the header of the entry.</param>
/// <param name="FlushedFileOffset">Bytes that the file had at least when the entry was written.</param>
/// <param name="LastFileOffset">Bytes that the file needs for all that is allocated.</param>
internal sealed record VhdxLogEntry(
    long Offset, int Length, long Tail, ulong SequenceNumber, int Descriptors, ulong FlushedFileOffset, ulong LastFileOffset);
