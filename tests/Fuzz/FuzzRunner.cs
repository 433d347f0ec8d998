using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Fuzz;

/// <summary>Runs one parser over mutants of its seeds. The same seed number gives the same mutants as long as the parser ends in the same ways.</summary>
/// <param name="target">The parser.</param>
/// <param name="seeds">Its seeds.</param>
/// <param name="seed">Of the random numbers.</param>
internal sealed class FuzzRunner(FuzzTarget target, List<IReadOnlyList<FuzzPart>> seeds, int seed)
{
    /// <summary>Bounds of what one input may cost. Time is the processor's for this thread, so that a busy machine does not make findings.</summary>
    public const double MostMilliseconds = 2000;
    public const long MostBytes = 256L << 20;

    private const int MostInputs = 4000;
    private const long MostInputBytes = 512L << 20;

    private readonly List<IReadOnlyList<FuzzPart>> _inputs = [.. seeds];
    private readonly HashSet<string> _outcomes = [];
    private readonly Coverage? _coverage = Coverage.TryStart();
    private readonly FuzzResult _result = new() { Target = target.Name };
    private long _inputBytes;

    /// <summary>Hears of the input before it is run; it may be the last one.</summary>
    public Action<long, IReadOnlyList<FuzzPart>>? Running { get; init; }

    /// <summary>The first of each kind.</summary>
    public Dictionary<string, FuzzFinding> Findings { get; } = [];

    /// <param name="goesOn">Asked with the number of mutants so far.</param>
    public FuzzResult Run(Func<long, bool> goesOn, long first = 0)
    {
        if (first == 0)
        {
            seeds.ForEach(parts => Execute(parts, isMutant: false));
        }

        for (long i = first; goesOn(i); i++)
        {
            Random random = new(HashCode(i));
            IReadOnlyList<FuzzPart> input = Pick(random);
            IReadOnlyList<FuzzPart> mutant = new Mutator(random).Mutate(input, Pick(random));
            if (random.Next(4) > 0)
            {
                target.Repair(mutant);
            }

            Running?.Invoke(i, mutant);
            Execute(mutant, isMutant: true);
        }

        _result.Inputs = _inputs.Count;
        _result.Outcomes = _outcomes.Count;
        _result.Edges = _coverage?.Edges ?? 0;
        return _result;
    }

    /// <summary>The later an input came, the newer is what it found: half of the picks are from the last ones.</summary>
    private IReadOnlyList<FuzzPart> Pick(Random random) =>
        _inputs[random.Next(2) == 0 ? random.Next(_inputs.Count) : Math.Max(0, _inputs.Count - 1 - random.Next(20))];

    private void Execute(IReadOnlyList<FuzzPart> parts, bool isMutant)
    {
        TimeSpan started = ThreadTime.Now;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        string outcome = Outcome(parts);
        double milliseconds = (ThreadTime.Now - started).TotalMilliseconds;
        long bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        _result.Executions++;
        _result.WorstMilliseconds = Math.Max(_result.WorstMilliseconds, milliseconds);
        _result.WorstBytes = Math.Max(_result.WorstBytes, bytes);
        if (milliseconds > MostMilliseconds)
        {
            Find($"Time {outcome}", parts, $"{milliseconds:F0} ms of the processor");
        }

        if (bytes > MostBytes)
        {
            Find($"Memory {outcome}", parts, $"{bytes >> 20} MiB allocated");
        }

        bool isNew = _outcomes.Add(outcome);
        isNew = (_coverage?.TakeNew() ?? false) || isNew;
        if (isNew && isMutant && _inputs.Count < MostInputs && _inputBytes < MostInputBytes)
        {
            _inputs.Add(parts);
            _inputBytes += parts.Sum(part => (long)part.Bytes.Length);
        }
    }

    private string Outcome(IReadOnlyList<FuzzPart> parts)
    {
        try
        {
            target.Run(parts);
            _result.Successes++;
            return "Success";
        }
        catch (Hyper2KvmException error)
        {
            _result.TypedErrors++;
            return error.ErrorId;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _result.TypedErrors++;
            return error.GetType().Name;
        }
#pragma warning disable CA1031 // Whatever else comes out is what we look for.
        catch (Exception error)
        {
            string place = (error.StackTrace ?? "").Split('\n').FirstOrDefault(line => line.Contains(" Hyper2Kvm.", StringComparison.Ordinal)) ?? "";
            string kind = $"{error.GetType().Name} {place.Trim().Split('(')[0]}";
            Find(kind, parts, $"{error}");
            return kind;
        }
#pragma warning restore CA1031
    }

    private void Find(string kind, IReadOnlyList<FuzzPart> parts, string details)
    {
        _result.Findings++;
        Findings.TryAdd(kind, new FuzzFinding(kind, parts, details));
    }

    private int HashCode(long index)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in target.Name)
        {
            hash = unchecked((hash ^ letter) * 1099511628211);
        }

        hash = unchecked((hash ^ (uint)seed) * 1099511628211);
        hash = unchecked((hash ^ (ulong)index) * 1099511628211);
        return unchecked((int)(hash ^ (hash >> 32)));
    }
}
