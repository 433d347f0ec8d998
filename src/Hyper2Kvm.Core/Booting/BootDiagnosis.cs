namespace Hyper2Kvm.Booting;

/// <summary>Why a boot did not come to its end.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Code">Stop code or status code; null when none was seen.</param>
/// <param name="CodeName">Name of the code.</param>
/// <param name="Cause">Likely cause.</param>
/// <param name="Remedy">What mends it.</param>
internal sealed record BootDiagnosis(KvmBootOutcome Outcome, string? Code, string? CodeName, string? Cause, string? Remedy);
