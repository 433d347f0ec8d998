namespace Hyper2Kvm.Booting;

/// <summary>What a screen shows, told by its colours alone.</summary>
internal enum ScreenKind
{
    /// <summary>One colour.</summary>
    Blank,

    /// <summary>A little light text or a logo on black: firmware, boot manager, loader, a starting kernel.</summary>
    Dark,

    /// <summary>White on Windows' blue, with nothing else: a stop error.</summary>
    BlueScreen,

    /// <summary>The blue of the recovery environment with its lighter tiles.</summary>
    Recovery,

    /// <summary>Anything else: a logon screen, a desktop, setup.</summary>
    Picture,
}
