namespace Hyper2Kvm.Inf;

/// <summary>[Manufacturer] and the models sections that one Windows selects.</summary>
internal static class InfModelsReader
{
    /// <summary>Models that one INF may offer to one Windows; the largest inbox INFs have some thousands.</summary>
    private const int MaximumModels = 50_000;

    public static IReadOnlyList<InfModels> Read(InfFile inf, InfTarget target)
    {
        List<InfModels> result = [];
        int count = 0;
        foreach (InfLine line in inf.Section("Manufacturer", null).Lines)
        {
            string baseName = inf.Resolve(line.Value(0));
            if (SectionFor(inf, line, baseName, target) is not { } section)
            {
                continue;
            }

            List<InfModel> models = [];
            foreach (InfLine model in section.Lines)
            {
                models.Add(ReadModel(inf, model));
                if (++count > MaximumModels)
                {
                    throw inf.Invalid(model, $"at most {MaximumModels} models", "more", "InfTooLarge");
                }
            }

            result.Add(new InfModels(line.Key ?? baseName, section.Name, models));
        }

        return result;
    }

    /// <summary>The best decorated section; else, on x86 only, the undecorated one.</summary>
    private static InfSection? SectionFor(InfFile inf, InfLine line, string baseName, InfTarget target)
    {
        List<string> decorations = [];
        for (int i = 1; i < line.Values.Count; i++)
        {
            decorations.Add(inf.Resolve(line.Values[i]));
        }

        if (InfDecoration.Choose(decorations, target) is { } chosen)
        {
            return inf.Section($"{baseName}.{chosen.Text}", line);
        }

        bool undecoratedCounts = target.Architecture == "x86";
        return undecoratedCounts && decorations.Count == 0 ? inf.Section(baseName, line)
            : undecoratedCounts ? inf.Find(baseName)
            : null;
    }

    private static InfModel ReadModel(InfFile inf, InfLine line)
    {
        if (line.Key is null || line.Value(0).Length == 0)
        {
            throw inf.Invalid(line, "description = install section, hardware id", string.Join(", ", line.Values));
        }

        List<string> ids = [];
        for (int i = 1; i < line.Values.Count; i++)
        {
            string id = inf.Resolve(line.Values[i]);
            if (id.Length > 0)
            {
                ids.Add(id);
            }
        }

        string hardwareId = inf.Resolve(line.Value(1));
        return new InfModel(line.Key, inf.Resolve(line.Value(0)), hardwareId, hardwareId.Length > 0 ? ids.GetRange(1, ids.Count - 1) : ids);
    }
}
