using System.Management.Automation;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Takes the machine objects of Hyper-V and PowerCLI where a <see cref="SourceMachine"/> is wanted. Anything else is left as it
/// is, so that another parameter may take it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SourceMachineTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        PSObject input = PSObject.AsPSObject(inputData);
        return input.BaseObject is not SourceMachine && VmObject.IsMachine(input)
            ? VmObject.Read(input, null, null, engineIntrinsics.SessionState.Path.CurrentFileSystemLocation.ProviderPath)
            : inputData;
    }
}
