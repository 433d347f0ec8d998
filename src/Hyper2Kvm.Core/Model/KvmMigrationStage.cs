namespace Hyper2Kvm;

/// <summary>One stage of a migration.</summary>
/// <param name="Step">Which one.</param>
/// <param name="State">What became of it.</param>
/// <param name="Started">When it began, UTC; of a stage that was done before: when that was.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Detail">For people: what was done, or why not.</param>
public sealed record KvmMigrationStage(KvmMigrationStep Step, KvmMigrationStageState State, DateTime Started, TimeSpan Duration, string Detail)
{
    /// <summary>Hash of the settings that it was done with: with others it is done again.</summary>
    internal string Settings { get; init; } = "";

    public override string ToString() => $"{Step}: {State}";
}
