using System.Management.Automation.Language;
using System.Text;

namespace Hyper2Kvm.Shell;

/// <summary>Prompt, read, run, until <c>exit</c> or the end of input.</summary>
internal sealed class InteractiveLoop(ShellSession session)
{
    public int Run()
    {
        while (session.ExitCode is null && Read() is { } text)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                _ = session.RunCommand(text);
            }
        }

        return session.ExitCode ?? ExitCodes.Success;
    }

    /// <summary>Lines until they are a whole statement; null at the end of input.</summary>
    private string? Read()
    {
        StringBuilder text = new();
        Console.Write($"PS {session.Location}> ");
        while (Console.ReadLine() is { } line)
        {
            text.AppendLine(line);
            Parser.ParseInput(text.ToString(), out _, out ParseError[] errors);
            if (line.Length == 0 || !errors.Any(error => error.IncompleteInput))
            {
                return text.ToString();
            }

            Console.Write(">> ");
        }

        return null;
    }
}
