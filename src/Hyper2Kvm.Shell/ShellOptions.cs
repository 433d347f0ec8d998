using Microsoft.PowerShell;

namespace Hyper2Kvm.Shell;

/// <summary>The command line, in the words of pwsh.</summary>
internal sealed record ShellOptions
{
    public const string Usage =
        """
        Usage: hyper2kvm [-NoProfile] [-NonInteractive] [-ExecutionPolicy <policy>]
                         [-Command <text> | [-File] <script> [<arguments>]]

        The PowerShell engine with the Hyper2Kvm module, for machines without pwsh.
        Without -Command and -File it reads a script from standard input, or prompts.
        """;

    /// <summary>Script text, or null.</summary>
    public string? Command { get; private init; }

    /// <summary>Script file, or null.</summary>
    public string? File { get; private init; }

    /// <summary>What follows the script file.</summary>
    public IReadOnlyList<string> Arguments { get; private init; } = [];

    /// <summary>A question to the user is an error.</summary>
    public bool NonInteractive { get; private init; }

    /// <summary>Matters on Windows only, as in pwsh.</summary>
    public ExecutionPolicy? ExecutionPolicy { get; private init; }

    public bool ShowHelp { get; private init; }

    /// <exception cref="FormatException">Unknown or incomplete option.</exception>
    public static ShellOptions Parse(string[] args)
    {
        ShellOptions options = new();
        for (int i = 0; i < args.Length; i++)
        {
            string rest(string what) => i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]}: {what} is missing.");
            switch (Canonical(args[i]))
            {
                case "-noprofile" or "-nop" or "-nologo" or "-nol":
                    break;
                case "-noninteractive" or "-noni":
                    options = options with { NonInteractive = true };
                    break;
                case "-executionpolicy" or "-ex" or "-ep":
                    options = Enum.TryParse(rest("the policy"), ignoreCase: true, out ExecutionPolicy policy)
                        ? options with { ExecutionPolicy = policy }
                        : throw new FormatException($"{args[i + 1]}: not an execution policy.");
                    i++;
                    break;
                case "-help" or "-h" or "-?":
                    return options with { ShowHelp = true };
                case "-command" or "-c":
                    _ = rest("the command");
                    return options with { Command = string.Join(' ', args[(i + 1)..]) };
                case "-file" or "-f":
                    return options with { File = rest("the script file"), Arguments = args[(i + 2)..] };
                case ['-', ..]:
                    throw new FormatException($"{args[i]}: unknown option.");
                default:
                    return options with { File = args[i], Arguments = args[(i + 1)..] };
            }
        }

        return options;
    }

    /// <summary>Lower case, and <c>--name</c> as <c>-name</c>.</summary>
    private static string Canonical(string option)
    {
        string lower = option.ToLowerInvariant();
        return lower.StartsWith("--", StringComparison.Ordinal) ? lower[1..] : lower;
    }
}
