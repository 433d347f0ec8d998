using System.Globalization;

namespace Hyper2Kvm.Fuzz;

/// <summary>What the command line asks for.</summary>
internal sealed record FuzzOptions
{
    public const string Usage = """
        Runs every parser over damaged inputs, and says what came of it.
          --minutes N       for all parsers together; 10 unless --count is given
          --count N         mutants of each parser, in place of a time
          --seed N          of the random numbers; 1
          --parser NAME     only this one; may be given again
          --data FOLDER     real data for more seeds; else what HYPER2KVM_TEST_DATA names
          --save FOLDER     where inputs are kept that must not be met so; artifacts/fuzz
          --replay FOLDER   runs one kept input of the named parser and shows what it does
        """;

    public double Minutes { get; private set; } = 10;

    public long? Count { get; private set; }

    public int Seed { get; private set; } = 1;

    public List<string> Parsers { get; } = [];

    public string? Data { get; private set; } = Environment.GetEnvironmentVariable("HYPER2KVM_TEST_DATA");

    public string Save { get; private set; } = Path.Combine("artifacts", "fuzz");

    public string? Replay { get; private set; }

    /// <summary>Set in a child: the number of its first mutant, and the file of <see cref="LastInput"/>.</summary>
    public long First { get; private set; }

    public string? Last { get; private set; }

    /// <exception cref="ArgumentException">An option is not known, or lacks its value.</exception>
    public static FuzzOptions Parse(string[] arguments)
    {
        FuzzOptions options = new();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} needs a value.");
            options.Take(arguments[i], value);
        }

        return options;
    }

    private void Take(string option, string value)
    {
        switch (option)
        {
            case "--minutes":
                Minutes = double.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--count":
                Count = long.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--seed":
                Seed = int.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--parser":
                Parsers.Add(value);
                break;
            case "--data":
                Data = value;
                break;
            case "--save":
                Save = value;
                break;
            case "--replay":
                Replay = value;
                break;
            case "--first":
                First = long.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--last":
                Last = value;
                break;
            default:
                throw new ArgumentException($"{option} is not an option.");
        }
    }
}
