namespace Hyper2Kvm;

/// <summary>How a watched boot ended.</summary>
public enum KvmBootOutcome
{
    /// <summary>The stage that was waited for, or the line on the serial port, came.</summary>
    Reached,

    /// <summary>The firmware found nothing to start.</summary>
    NoBootDevice,

    /// <summary>The boot manager or the loader stopped with an error.</summary>
    BootError,

    /// <summary>Windows stopped with a blue screen.</summary>
    StopError,

    /// <summary>Windows started its recovery environment or wants to repair itself.</summary>
    Recovery,

    /// <summary>The guest shut down or reset itself again and again.</summary>
    PoweredOff,

    /// <summary>Nothing of the above in the given time.</summary>
    TimedOut,
}
