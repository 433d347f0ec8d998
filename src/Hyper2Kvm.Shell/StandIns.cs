using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Hyper2Kvm.Shell;

/// <summary>Everyday commands that pwsh keeps outside of its engine: see StandIns.ps1.</summary>
internal static class StandIns
{
    public static void AddTo(InitialSessionState state)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("StandIns.ps1")!;
        using StreamReader reader = new(stream);
        ScriptBlockAst script = Parser.ParseInput(reader.ReadToEnd(), out _, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw new ParseException(errors);
        }

        foreach (FunctionDefinitionAst function in script.EndBlock.Statements.OfType<FunctionDefinitionAst>())
        {
            state.Commands.Add(new SessionStateFunctionEntry(function.Name, function.Body.Extent.Text[1..^1]));
        }

        state.Commands.Add(new SessionStateCmdletEntry("Get-ChildItem", typeof(GetChildItemCommand), helpFileName: null));
        state.Commands.Add(new SessionStateCmdletEntry("Get-Content", typeof(GetContentCommand), helpFileName: null));
        state.Commands.Add(new SessionStateCmdletEntry("Format-List", typeof(FormatListCommand), helpFileName: null));
        state.Commands.Add(new SessionStateCmdletEntry("Format-Table", typeof(FormatTableCommand), helpFileName: null));
    }
}
