using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Provider;
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
    public static void StreamChildItems(GetChildItemCommand command, string path, bool recurse, bool literal)
    {
        object context = NewContext(command, literal, command.ProviderParameters);
        Property(context, "Force").SetValue(context, command.Force);
        Call(context, "SetFilters", new Collection<string>(command.Include), new Collection<string>(command.Exclude), command.Filter);
        if (command.Name)
        {
            Call(command.InvokeProvider.ChildItem, "GetNames", path, ReturnContainers.ReturnMatchingContainers, recurse, command.Depth, context);
        }
        else
        {
            Call(command.InvokeProvider.ChildItem, "Get", path, recurse, command.Depth, context);
        }
    }

    /// <summary>What a provider adds to Get-ChildItem: for files -File, -Directory and others.</summary>
    public static object? ChildItemParameters(PSCmdlet command, string path, bool recurse) =>
        OfProvider(command.InvokeProvider.ChildItem, "GetChildItemsDynamicParameters", path, recurse, NewContext(command, literal: true, ofProvider: null));

    /// <summary>What a provider adds to Get-Content.</summary>
    public static object? ContentParameters(PSCmdlet command, string path) =>
        OfProvider(command.InvokeProvider.Content, "GetContentReaderDynamicParameters", path, NewContext(command, literal: true, ofProvider: null));

    /// <param name="ofProvider">What <see cref="ContentParameters"/> gave, with what the user gave to it.</param>
    public static IEnumerable<IContentReader> ContentReaders(PSCmdlet command, string path, bool literal, object? ofProvider) =>
        (IEnumerable<IContentReader>)Call(command.InvokeProvider.Content, "GetReader", path, NewContext(command, literal, ofProvider))!;

    private static object NewContext(PSCmdlet command, bool literal, object? ofProvider)
    {
        Type type = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.CmdletProviderContext", throwOnError: true)!;
        object context = Activator.CreateInstance(type, Any, binder: null, [command], culture: null)!;
        Property(context, "SuppressWildcardExpansion").SetValue(context, literal);
        Property(context, "DynamicParameters").SetValue(context, ofProvider);
        return context;
    }

    /// <summary>Where no drive or provider has the path there are no parameters; that it is wrong is said when it is used.</summary>
    private static object? OfProvider(object owner, string name, params object[] arguments)
    {
        try
        {
            return Call(owner, name, arguments);
        }
        catch (SessionStateException)
        {
            return null;
        }
    }

    private static object? Call(object owner, string name, params object[] arguments)
    {
        MethodInfo method = owner.GetType().GetMethod(name, Any, [.. arguments.Select(argument => argument.GetType())])
            ?? throw new MissingMethodException(owner.GetType().FullName, name);
        return method.Invoke(owner, Any | BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);
    }

    private static PropertyInfo Property(object owner, string name) =>
        owner.GetType().GetProperty(name, Any) ?? throw new MissingMemberException(owner.GetType().FullName, name);
}
