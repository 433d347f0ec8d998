using System.Management.Automation;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Takes the path of objects that say it by a name of their own: PowerCLI's hard disks, whose Filename is mostly on a datastore, and
/// files that do not come from a drive, as Export-VApp's. PowerShell would make text of them, which is no path. Anything else is left as it is.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ForeignPathTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] s_bound = ["PSPath", "Path", "LiteralPath", "ImagePath"];

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is null or string || PathOf(PSObject.AsPSObject(inputData)) is not { } path ? inputData! : path;

    /// <summary>Null for text, and for objects of which another property is bound.</summary>
    internal static string? PathOf(PSObject input)
    {
        if (input.BaseObject is string or Array || s_bound.Any(input.Has))
        {
            return null;
        }

        bool isFile = input.HasType("System.IO.FileInfo");
        string path = input.Text(isFile ? "FullName" : "Filename");
        return path.Length > 0 ? path : null;
    }
}
