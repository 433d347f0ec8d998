using System.Management.Automation;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>What Get-ChildItem takes on a drive of WindowsDisk, named as on a file system. Without any, all is shown, what is hidden too.</summary>
public sealed class ChildItemParameters
{
    /// <summary>As on a file system: <c>,</c> is or, <c>+</c> is and, <c>!</c> is not.</summary>
    [Parameter]
    public FlagsExpression<FileAttributes>? Attributes { get; set; }

    [Parameter]
    [Alias("ad")]
    public SwitchParameter Directory { get; set; }

    [Parameter]
    [Alias("af")]
    public SwitchParameter File { get; set; }

    [Parameter]
    [Alias("ah", "h")]
    public SwitchParameter Hidden { get; set; }

    [Parameter]
    [Alias("ar")]
    public SwitchParameter ReadOnly { get; set; }

    [Parameter]
    [Alias("as")]
    public SwitchParameter System { get; set; }

    /// <summary>-Directory and -File together are nothing, as on a file system.</summary>
    internal bool LetThrough(FileAttributes attributes)
    {
        return (!Directory || Has(FileAttributes.Directory))
            && (!File || !Has(FileAttributes.Directory))
            && (!Hidden || Has(FileAttributes.Hidden))
            && (!ReadOnly || Has(FileAttributes.ReadOnly))
            && (!System || Has(FileAttributes.System))
            && (Attributes is null || Attributes.Evaluate(attributes == 0 ? FileAttributes.Normal : attributes));

        bool Has(FileAttributes flag) => (attributes & flag) != 0;
    }
}
