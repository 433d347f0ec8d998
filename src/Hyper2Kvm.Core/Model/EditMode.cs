namespace Hyper2Kvm;

/// <summary>Where an edit went.</summary>
public enum EditMode
{
    /// <summary>A rehearsal: nothing was written.</summary>
    Preview,

    /// <summary>Into a QCOW2 overlay beside the source, which was not touched.</summary>
    Overlay,

    /// <summary>Into the image itself; an undo journal lies beside it.</summary>
    InPlace,
}
