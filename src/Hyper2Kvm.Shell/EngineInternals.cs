using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Hyper2Kvm.Shell;

/// <summary>What pwsh's own console host reaches in the engine as its friend, and no public API gives.</summary>
/// <remarks>The engine ships beside this program in one known version; the shell's tests cover each of these.</remarks>
internal static class EngineInternals
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Makes <c>exit N</c> in the next script file end the session with N, as <c>pwsh -File</c> does.</summary>
    public static void LetScriptFileExit(Runspace runspace)
    {
        object context = Property(runspace, "ExecutionContext").GetValue(runspace)!;
        Property(context, "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    /// <summary>Gives a Format-* command the engine's formatter of that shape, <c>List</c> or <c>Table</c>.</summary>
    public static void SetFormatter(FrontEndCommandBase command, string shape)
    {
        Assembly engine = typeof(FrontEndCommandBase).Assembly;
        string home = typeof(FrontEndCommandBase).Namespace!;
        Type formatter = engine.GetType($"{home}.InnerFormatShapeCommand", throwOnError: true)!;
        object shapeValue = Enum.Parse(engine.GetType($"{home}.FormatShape", throwOnError: true)!, shape);
        FieldInfo field = typeof(FrontEndCommandBase).GetField("implementation", Any)
            ?? throw new MissingFieldException(nameof(FrontEndCommandBase), "implementation");
        field.SetValue(command, Activator.CreateInstance(formatter, Any, binder: null, [shapeValue], culture: null));
    }

    /// <summary>Lists through a provider, each item going down the pipeline as it is found; the public API collects all of them first.</summary>
    public static void StreamChildItems(PSCmdlet command, string path, bool recurse, uint depth, bool force, bool literal)
    {
        Type contextType = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.CmdletProviderContext", throwOnError: true)!;
        object context = Activator.CreateInstance(contextType, Any, binder: null, [command], culture: null)!;
        Property(context, "Force").SetValue(context, (SwitchParameter)force);
        Property(context, "SuppressWildcardExpansion").SetValue(context, literal);
        ChildItemCmdletProviderIntrinsics intrinsics = command.InvokeProvider.ChildItem;
        MethodInfo get = intrinsics.GetType().GetMethod("Get", Any, [typeof(string), typeof(bool), typeof(uint), contextType])
            ?? throw new MissingMethodException(intrinsics.GetType().FullName, "Get");
        get.Invoke(intrinsics, Any | BindingFlags.DoNotWrapExceptions, binder: null, [path, recurse, depth, context], culture: null);
    }

    private static PropertyInfo Property(object owner, string name) =>
        owner.GetType().GetProperty(name, Any) ?? throw new MissingMemberException(owner.GetType().FullName, name);
}
