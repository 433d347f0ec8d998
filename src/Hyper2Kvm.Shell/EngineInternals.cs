using System.Collections.ObjectModel;
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

    /// <summary>What the provider of a path takes beside Get-ChildItem's own parameters, or null.</summary>
    public static object? ChildItemParameters(PSCmdlet command, string path, bool recurse) =>
        CallChildItem(command, "GetChildItemsDynamicParameters", path, recurse, NewContext(command));

    /// <summary>Lists through a provider, each item going down the pipeline as it is found; the public API collects all of them first.</summary>
    public static void StreamChildItems(GetChildItemCommand command, string path, bool recurse, uint depth, bool literal)
    {
        object context = NewContext(command);
        Property(context, "Force").SetValue(context, command.Force);
        Property(context, "SuppressWildcardExpansion").SetValue(context, literal);
        Property(context, "DynamicParameters").SetValue(context, command.ProviderParameters);
        MethodInfo setFilters = context.GetType().GetMethod("SetFilters", Any) ?? throw new MissingMethodException(context.GetType().FullName, "SetFilters");
        setFilters.Invoke(context, [new Collection<string>(command.Include), new Collection<string>(command.Exclude), command.Filter]);
        if (command.Name)
        {
            CallChildItem(command, "GetNames", path, ReturnContainers.ReturnMatchingContainers, recurse, depth, context);
        }
        else
        {
            CallChildItem(command, "Get", path, recurse, depth, context);
        }
    }

    private static object NewContext(PSCmdlet command)
    {
        Type type = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.CmdletProviderContext", throwOnError: true)!;
        return Activator.CreateInstance(type, Any, binder: null, [command], culture: null)!;
    }

    private static object? CallChildItem(PSCmdlet command, string method, params object[] arguments)
    {
        ChildItemCmdletProviderIntrinsics intrinsics = command.InvokeProvider.ChildItem;
        MethodInfo found = intrinsics.GetType().GetMethod(method, Any, [.. arguments.Select(argument => argument.GetType())])
            ?? throw new MissingMethodException(intrinsics.GetType().FullName, method);
        return found.Invoke(intrinsics, Any | BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);
    }

    private static PropertyInfo Property(object owner, string name) =>
        owner.GetType().GetProperty(name, Any) ?? throw new MissingMemberException(owner.GetType().FullName, name);
}
