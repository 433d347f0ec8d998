namespace Hyper2Kvm.Diagnostics;

/// <summary>The bytes are fine, but this version cannot handle the feature they use.</summary>
public sealed class UnsupportedFeatureException : Hyper2KvmException
{
    /// <param name="errorId">Stable id, for example <c>QcowSubclusters</c>.</param>
    /// <param name="feature">The feature by its name.</param>
    /// <param name="subject">Where it was met.</param>
    /// <param name="remedy">What the user can do instead.</param>
    public UnsupportedFeatureException(string errorId, string feature, string subject, string? remedy = null)
        : base(errorId, subject, $"{subject}: {feature} is not supported.", remedy, null)
    {
        Feature = feature;
    }

    public string Feature { get; }
}
