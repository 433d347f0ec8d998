using Hyper2Kvm.Fuzz;

namespace Hyper2Kvm.Unit.Fuzz;

/// <summary>A short run of the fuzzer over the seeds of the repository, always the same; <c>build.ps1 -Task Fuzz</c> is the long one.</summary>
public class FuzzTests
{
    private const int Mutants = 60;

    public static TheoryData<string> Parsers => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Every_parser_ends_in_data_or_in_a_typed_error(string parser)
    {
        FuzzTarget target = FuzzTargets.All.Single(target => target.Name == parser);
        FuzzRunner runner = new(target, SeedFiles.Load(target, data: null), seed: 1);
        FuzzResult result = runner.Run(number => number < Mutants);
        Assert.Empty(runner.Findings.Values.Select(finding => $"{finding.Kind}: {finding.Details}"));
        Assert.True(result.TypedErrors > 0 || result.Successes > 0);
    }

    /// <summary>A fuzzer that sees nothing finds nothing.</summary>
    [Fact]
    public void What_is_not_typed_takes_too_much_or_too_long_is_a_finding()
    {
        FuzzRunner runner = new(new FaultyTarget(), [[new FuzzPart("seed", new byte[100])]], seed: 1);
        FuzzResult result = runner.Run(number => number < 200);
        Assert.Contains(runner.Findings.Keys, kind => kind.StartsWith("OverflowException at Hyper2Kvm", StringComparison.Ordinal));
        Assert.Contains(runner.Findings.Keys, kind => kind.StartsWith("Memory", StringComparison.Ordinal));
        Assert.True(result.Findings > 1);
    }

    [Fact]
    public void The_same_seed_number_makes_the_same_mutants()
    {
        Assert.Equal(Sums(1), Sums(1));
        Assert.NotEqual(Sums(1), Sums(2));

        static List<int> Sums(int seed)
        {
            List<int> sums = [];
            FuzzRunner runner = new(new SilentTarget(), [[new FuzzPart("seed", [.. Enumerable.Range(0, 200).Select(i => (byte)i)])]], seed)
            {
                Running = (_, parts) => sums.Add(parts[0].Bytes.Sum(value => value)),
            };
            runner.Run(number => number < 50);
            return sums;
        }
    }

    private sealed class FaultyTarget() : FuzzTarget("faulty")
    {
        public override void Run(IReadOnlyList<FuzzPart> parts)
        {
            if (parts[0].Bytes.Sum(value => value) % 3 == 1)
            {
                throw new OverflowException();
            }

            if (parts[0].Bytes.Sum(value => value) % 3 == 2)
            {
                GC.KeepAlive(new byte[FuzzRunner.MostBytes + 1]);
            }
        }
    }

    private sealed class SilentTarget() : FuzzTarget("silent")
    {
        public override void Run(IReadOnlyList<FuzzPart> parts)
        {
        }
    }
}
