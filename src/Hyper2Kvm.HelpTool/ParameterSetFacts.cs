namespace Hyper2Kvm.HelpTool;

/// <summary>How a parameter binds in one parameter set.</summary>
internal sealed class ParameterSetFacts
{
    /// <summary><c>(All)</c> for all sets.</summary>
    public string Name { get; set; } = "";

    /// <summary>A number, or <c>Named</c>.</summary>
    public string Position { get; set; } = "Named";

    public bool IsRequired { get; set; }

    public bool ValueFromPipeline { get; set; }

    public bool ValueFromPipelineByPropertyName { get; set; }

    public bool ValueFromRemainingArguments { get; set; }
}
