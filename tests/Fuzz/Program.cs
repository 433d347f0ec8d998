using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hyper2Kvm.Fuzz;

/// <summary>Runs each parser in a child process and adds up what came of it. Exit code 0: no findings; 1: findings.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        FuzzOptions options;
        try
        {
            options = FuzzOptions.Parse(arguments);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            Console.Error.WriteLine(error.Message);
            Console.Error.WriteLine(FuzzOptions.Usage);
            return 2;
        }

        List<FuzzTarget> targets = [.. FuzzTargets.All.Where(target => options.Parsers.Count == 0 || options.Parsers.Contains(target.Name))];
        if (targets.Count == 0 || (options.Replay is not null && targets.Count != 1))
        {
            Console.Error.WriteLine($"Parsers: {string.Join(", ", FuzzTargets.All)}");
            return 2;
        }

        if (options.Replay is { } replay)
        {
            Replay(targets[0], replay);
            return 0;
        }

        if (options.Last is not null)
        {
            FuzzChild.Run(targets[0], options);
            return 0;
        }

        return RunAll(targets, options);
    }

    /// <summary>What comes out of the parser comes out of the program.</summary>
    private static void Replay(FuzzTarget target, string folder)
    {
        FuzzPart[] parts = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Where(file => !Path.GetFileName(file).StartsWith('~')).Select(file => new FuzzPart(Path.GetFileName(file), File.ReadAllBytes(file)))];
        target.Run(parts);
    }

    private static int RunAll(List<FuzzTarget> targets, FuzzOptions options)
    {
        Console.WriteLine(FuzzResult.Header);
        List<FuzzResult> results = [];
        foreach (FuzzTarget target in targets)
        {
            _ = SeedFiles.Load(target, options.Data);
            results.Add(RunChildren(target, options, options.Minutes / targets.Count));
            Console.WriteLine(results[^1]);
        }

        FuzzResult total = results.Aggregate(new FuzzResult { Target = "all" }, (sum, result) => sum.Add(result));
        Console.WriteLine(total);
        Directory.CreateDirectory(options.Save);
        File.WriteAllText(Path.Combine(options.Save, "results.json"), JsonSerializer.Serialize(results));
        return total.Findings == 0 ? 0 : 1;
    }

    private static FuzzResult RunChildren(FuzzTarget target, FuzzOptions options, double minutes)
    {
        Stopwatch time = Stopwatch.StartNew();
        FuzzResult result = new() { Target = target.Name };
        string last = Path.GetTempFileName();
        long first = 0;
        try
        {
            while (options.Count is { } count ? first < count : time.Elapsed.TotalMinutes < minutes)
            {
                (int exitCode, string output) = RunChild(target, options, minutes - time.Elapsed.TotalMinutes, first, last);
                if (exitCode == 0)
                {
                    return result.Add(JsonSerializer.Deserialize<FuzzResult>(output)!);
                }

                // What the child had counted is lost but for the number of the mutant that ended it.
                using LastInput input = new(last);
                (long number, IReadOnlyList<FuzzPart> parts) = input.Read();
                string kind = exitCode == FuzzChild.Hung ? "Hang" : $"Death {exitCode}";
                Console.Error.WriteLine($"{target}: {kind}: {new FuzzFinding($"{kind} {number}", parts, output).Save(options.Save, target.Name)}");
                result = result.Add(new FuzzResult { Target = target.Name, Executions = number - first + 1, Findings = 1 });
                first = number + 1;
            }
        }
        finally
        {
            File.Delete(last);
        }

        return result;
    }

    private static (int ExitCode, string Output) RunChild(FuzzTarget target, FuzzOptions options, double minutes, long first, string last)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        List<string> arguments =
        [
            "--parser", target.Name, "--seed", Text(options.Seed), "--first", Text(first), "--last", last, "--save", options.Save,
            .. options.Count is { } count ? ["--count", Text(count)] : (string[])["--minutes", Text(minutes)],
            .. options.Data is { } data ? ["--data", data] : (string[])[],
        ];
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            arguments.Insert(0, typeof(Program).Assembly.Location);
        }

        arguments.ForEach(start.ArgumentList.Add);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
