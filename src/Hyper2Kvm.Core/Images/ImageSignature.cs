namespace Hyper2Kvm.Images;

/// <summary>Bytes by which a format is known that is not read, and what to say about it.</summary>
/// <param name="ErrorId">Stable id of the refusal.</param>
/// <param name="Format">The format by its name.</param>
/// <param name="Offset">Of the magic in the file; negative: from its end.</param>
/// <param name="Magic">The bytes, in Latin-1.</param>
/// <param name="Remedy">What the user can do.</param>
internal sealed record ImageSignature(string ErrorId, string Format, long Offset, string Magic, string Remedy);
