using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Net;
using System.Security;

namespace Hyper2Kvm.Shell;

/// <summary>Output on standard output; errors, warnings, verbose and debug text, progress and questions on standard error.</summary>
/// <remarks>pwsh sends warnings and verbose text to standard output; here, what a script reads from us is objects only.</remarks>
internal sealed class ShellUserInterface(bool nonInteractive) : PSHostUserInterface
{
    private const string Red = "\e[31m";
    private const string Yellow = "\e[33m";
    private const string Reset = "\e[0m";
    private const string ClearLine = "\r\e[K";

    private readonly bool _isTerminal = !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("NO_COLOR") is null
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private bool _progressShown;
    private volatile bool _waiting;

    /// <summary>A question stands and its answer is being read, which nothing can interrupt.</summary>
    public bool IsWaitingForUser => _waiting;

    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();

    /// <summary>Who asks for colours by $PSStyle gets them also where the output is no screen, as in pwsh.</summary>
    public override bool SupportsVirtualTerminal => _isTerminal || PSStyle.Instance.OutputRendering == OutputRendering.Ansi;

    public override void Write(string value)
    {
        ClearProgress();
        Console.Out.Write(GetOutputString(value, SupportsVirtualTerminal));
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        if (!SupportsVirtualTerminal)
        {
            Write(value);
            return;
        }

        ClearProgress();
        Console.ForegroundColor = foregroundColor;
        Console.Out.Write(value);
        Console.ResetColor();
    }

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value) => WriteMessage(value, Red);

    public override void WriteWarningLine(string message) => WriteMessage($"WARNING: {message}", Yellow);

    public override void WriteVerboseLine(string message) => WriteMessage($"VERBOSE: {message}", Yellow);

    public override void WriteDebugLine(string message) => WriteMessage($"DEBUG: {message}", Yellow);

    /// <summary>One line that is written over and over, and only on a screen.</summary>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (Console.IsErrorRedirected)
        {
            return;
        }

        ClearProgress();
        if (record.RecordType == ProgressRecordType.Processing)
        {
            string percent = record.PercentComplete < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {record.PercentComplete} %");
            string line = $"{record.Activity}: {record.StatusDescription}{percent}";
            int room = Math.Max(RawUI.BufferSize.Width - 1, 1);
            Console.Error.Write(line.Length > room ? line[..room] : line);
            _progressShown = true;
        }
    }

    public override string ReadLine()
    {
        RequireUser("");
        ClearProgress();
        return ReadAnswer() ?? "";
    }

    public override SecureString ReadLineAsSecureString()
    {
        RequireUser("");
        return new NetworkCredential("", ReadHidden()).SecurePassword;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        Dictionary<string, PSObject> answers = [];
        foreach (FieldDescription field in descriptions)
        {
            RequireUser(field.Name);
            Ask($"{field.Name}: ");
            answers[field.Name] = PSObject.AsPSObject(ReadAnswer() ?? "");
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RequireUser(message);
        Ask($"{Environment.NewLine}{caption}{Environment.NewLine}{message}{Environment.NewLine}");
        string[] keys = [.. choices.Select(choice => HotKey(choice.Label))];
        string offer = string.Join("  ", choices.Select((choice, index) => $"[{keys[index]}] {choice.Label.Replace("&", "", StringComparison.Ordinal)}"));
        string preset = defaultChoice >= 0 ? $" (default is \"{keys[defaultChoice]}\")" : "";
        while (true)
        {
            Ask($"{offer}{preset}: ");
            string? answer = ReadAnswer();
            if (answer is null)
            {
                throw Unanswered(message);
            }

            answer = answer.Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            int chosen = Array.FindIndex(keys, key => key.Equals(answer, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
            {
                return chosen;
            }
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw new NotSupportedException("This shell does not ask for credentials.");

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        PromptForCredential(caption, message, userName, targetName);

    /// <summary>Takes the progress line off the screen.</summary>
    public void ClearProgress()
    {
        if (_progressShown)
        {
            Console.Error.Write(ClearLine);
            _progressShown = false;
        }
    }

    private static string HotKey(string label)
    {
        int mark = label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < label.Length ? label[(mark + 1)..(mark + 2)].ToUpperInvariant() : label;
    }

    private static string ReadHidden()
    {
        List<char> typed = [];
        for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key != ConsoleKey.Backspace)
            {
                typed.Add(key.KeyChar);
            }
            else if (typed.Count > 0)
            {
                typed.RemoveAt(typed.Count - 1);
            }
        }

        Console.Error.WriteLine();
        return new string([.. typed]);
    }

    private static PSInvalidOperationException Unanswered(string question) =>
        new($"There is nobody to answer: {question} Give the answer with a parameter such as -Force or -Confirm:$false.");

    private string? ReadAnswer()
    {
        _waiting = true;
        string? answer = Console.In.ReadLine();
        _waiting = false;
        return answer;
    }

    private void Ask(string text)
    {
        ClearProgress();
        Console.Error.Write(text);
    }

    private void RequireUser(string question)
    {
        if (nonInteractive)
        {
            throw Unanswered(question);
        }
    }

    private void WriteMessage(string text, string colour)
    {
        ClearProgress();
        Console.Error.WriteLine(Console.IsErrorRedirected || !SupportsVirtualTerminal ? text : $"{colour}{text}{Reset}");
    }
}
