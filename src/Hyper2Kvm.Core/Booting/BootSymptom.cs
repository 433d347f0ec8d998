namespace Hyper2Kvm.Booting;

/// <summary>What a text that a failing boot shows means.</summary>
/// <param name="Text">Regular expression; case is ignored. Its group <c>code</c> is a status, <c>stop</c> the code of a stop error.</param>
/// <param name="Outcome">How the boot ended.</param>
/// <param name="Code">Stop code of a text that tells only its name; else null.</param>
/// <param name="Cause">Likely cause.</param>
/// <param name="Remedy">What mends it.</param>
internal sealed record BootSymptom(string Text, KvmBootOutcome Outcome, string? Code, string Cause, string Remedy);
