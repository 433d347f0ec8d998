namespace Hyper2Kvm.Fuzz;

/// <summary>A parser, and how to ask it everything it can answer about an input.</summary>
/// <param name="name">Of the parser, and of its folder of seeds.</param>
internal abstract class FuzzTarget(string name)
{
    public string Name { get; } = name;

    /// <summary>The pattern that takes all files of a folder as one input of several parts.</summary>
    public const string WholeFolder = "";

    /// <summary>Places of further seeds in the folder of real data: folder and search pattern. A folder that ends with a star means
    /// all folders in it.</summary>
    public virtual IReadOnlyList<(string Folder, string Pattern)> RealSeeds => [];

    /// <summary>Seeds beyond this size are left out: they would cost more than they tell.</summary>
    public virtual int LargestSeed => 4 << 20;

    /// <summary>Makes checksums right again, so that a mutant is not turned away at the door.</summary>
    public virtual void Repair(IReadOnlyList<FuzzPart> parts)
    {
    }

    /// <summary>Reads all of the input, the first part first. Only the four typed errors may come out, and errors of the host.</summary>
    public abstract void Run(IReadOnlyList<FuzzPart> parts);

    public override string ToString() => Name;
}
