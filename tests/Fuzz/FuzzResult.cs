using System.Globalization;

namespace Hyper2Kvm.Fuzz;

/// <summary>What came of one parser's run.</summary>
internal sealed class FuzzResult
{
    public required string Target { get; init; }

    /// <summary>Inputs that were mutated: the seeds, and mutants that led somewhere new.</summary>
    public int Inputs { get; set; }

    public long Executions { get; set; }

    /// <summary>Executions that ended in one of the four typed errors, or an error of the host.</summary>
    public long TypedErrors { get; set; }

    public long Successes { get; set; }

    /// <summary>Executions that ended in any other way, or broke a bound.</summary>
    public long Findings { get; set; }

    /// <summary>Ways to end that were seen: success, and each error id.</summary>
    public int Outcomes { get; set; }

    /// <summary>Edges of the code that were taken; 0 when the code is not instrumented.</summary>
    public int Edges { get; set; }

    public double WorstMilliseconds { get; set; }

    public long WorstBytes { get; set; }

    public static string Header => Row("parser", "inputs", "executions", "typed errors", "successes", "findings", "outcomes", "edges", "worst ms", "worst MiB");

    public FuzzResult Add(FuzzResult later) => new()
    {
        Target = Target,
        Inputs = Math.Max(Inputs, later.Inputs),
        Executions = Executions + later.Executions,
        TypedErrors = TypedErrors + later.TypedErrors,
        Successes = Successes + later.Successes,
        Findings = Findings + later.Findings,
        Outcomes = Math.Max(Outcomes, later.Outcomes),
        Edges = Math.Max(Edges, later.Edges),
        WorstMilliseconds = Math.Max(WorstMilliseconds, later.WorstMilliseconds),
        WorstBytes = Math.Max(WorstBytes, later.WorstBytes),
    };

    public override string ToString() => Row(
        Target, Number(Inputs), Number(Executions), Number(TypedErrors), Number(Successes), Number(Findings), Number(Outcomes), Number(Edges),
        WorstMilliseconds.ToString("F0", CultureInfo.InvariantCulture), Number(WorstBytes >> 20));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Row(params string[] cells) =>
        cells[0].PadRight(8) + string.Concat(cells.Skip(1).Select(cell => cell.PadLeft(13)));
}
