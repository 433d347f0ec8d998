using System.Management.Automation.Host;

namespace Hyper2Kvm.Shell;

/// <summary>The screen, or what stands for it when output goes to a file.</summary>
internal sealed class ShellRawUserInterface : PSHostRawUserInterface
{
    /// <summary>Wide enough that tables in a log are not cut.</summary>
    private const int WidthWithoutScreen = 160;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Size BufferSize
    {
        get => Console.IsOutputRedirected || Console.WindowWidth <= 0
            ? new Size(WidthWithoutScreen, int.MaxValue)
            : new Size(Console.WindowWidth, Console.WindowHeight);
        set => throw NoScreenAccess();
    }

    public override Coordinates CursorPosition
    {
        get => Console.IsOutputRedirected ? default : new Coordinates(Console.CursorLeft, Console.CursorTop);
        set => throw NoScreenAccess();
    }

    public override int CursorSize { get; set; } = 25;

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override Size MaxWindowSize => BufferSize;

    public override Coordinates WindowPosition { get; set; }

    public override Size WindowSize
    {
        get => BufferSize;
        set => throw NoScreenAccess();
    }

    public override string WindowTitle { get; set; } = "hyper2kvm";

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NoScreenAccess();

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw NoScreenAccess();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw NoScreenAccess();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NoScreenAccess();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw NoScreenAccess();

    private static NotSupportedException NoScreenAccess() => new("This shell does not give scripts access to the screen's cells and keys.");
}
