namespace Hyper2Kvm.Booting;

/// <summary>What a text that a failing boot shows means.</summary>
/// <param name="Text">Regular expression; case is ignored.</param>
/// <param name="Outcome">How the boot ended.</param>
/// <param name="Code">The code that the text carries; null when the text has none.</param>
/// <param name="Cause">Likely cause.</param>
/// <param name="Remedy">What mends it.</param>
internal sealed record BootSymptom(string Text, KvmBootOutcome Outcome, string? Code, string Cause, string Remedy);
