namespace Hyper2Kvm.Migration;

/// <summary>A migration, and the error that ended it.</summary>
/// <param name="Result">All that came of it.</param>
/// <param name="Fault">Null when all went well.</param>
public sealed record MigrationOutcome(KvmMigration Result, Exception? Fault);
