using System.Diagnostics;
using System.Text.Json;

namespace Hyper2Kvm.Fuzz;

/// <summary>The process that runs one parser. What kills it is seen by the parent, which starts another.</summary>
internal static class FuzzChild
{
    /// <summary>Exit code of a child that stopped itself because an input did not come to an end.</summary>
    public const int Hung = 3;

    private const int MostSeconds = 30;

    /// <summary>Prints the result as one line of JSON, and saves the findings.</summary>
    public static void Run(FuzzTarget target, FuzzOptions options)
    {
        using LastInput last = new(options.Last!);
        long started = Stopwatch.GetTimestamp();
        using Timer watch = new(_ =>
        {
            if (Stopwatch.GetElapsedTime(Interlocked.Read(ref started)).TotalSeconds > MostSeconds)
            {
                Environment.Exit(Hung);
            }
        });
        watch.Change(1000, 1000);
        FuzzRunner runner = new(target, SeedFiles.Load(target, options.Data), options.Seed)
        {
            Running = (number, parts) =>
            {
                Interlocked.Exchange(ref started, Stopwatch.GetTimestamp());
                last.Write(number, parts);
            },
        };
        Stopwatch total = Stopwatch.StartNew();
        FuzzResult result = runner.Run(
            number => options.Count is { } count ? number < count : total.Elapsed.TotalMinutes < options.Minutes, options.First);
        foreach (FuzzFinding finding in runner.Findings.Values)
        {
            Console.Error.WriteLine($"{target}: {finding.Kind}: {finding.Save(options.Save, target.Name)}");
        }

        Console.WriteLine(JsonSerializer.Serialize(result));
    }
}
