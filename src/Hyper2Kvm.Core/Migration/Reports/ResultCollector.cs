namespace Hyper2Kvm.Migration.Reports;

/// <summary>Makes migrations of the results of single cmdlets, one for each guest that they are about, so that these can be reported too.</summary>
public sealed class ResultCollector
{
    private readonly List<ResultGroup> _groups = [];

    /// <summary>The results of single cmdlets so far, as migrations, in the order in which their guests came.</summary>
    public IReadOnlyList<KvmMigration> Migrations => [.. _groups.Select(group => group.ToMigration())];

    /// <summary>Takes a result.</summary>
    /// <returns>False: it is none that a report could use.</returns>
    public bool Add(object result)
    {
        ArgumentNullException.ThrowIfNull(result);
        switch (result)
        {
            case WindowsLayout layout:
                Group(layout, layout.ImagePath);
                return true;
            case VirtioDriverPlan plan:
                Group(plan.Layout, plan.ImagePath).Plan = plan;
                return true;
            case GuestEdit edit:
                Group(edit.Layout, edit.SourcePath, edit.ImagePath).Add(edit);
                return true;
            case BcdBackup backup:
                Group(backup.Layout, backup.ImagePath).Add(backup);
                return true;
            case BcdTest test:
                Group(test.Layout, test.ImagePath).Findings = test.Findings;
                return true;
            case KvmDomain domain:
                Group(domain.Layout, domain.ImagePath, domain.Name).Add(domain);
                return true;
            case DiskConversion conversion:
                Group(conversion.Layout, conversion.SourcePath, conversion.Destination).Add(conversion);
                return true;
            case KvmBootResult boot:
                Group(boot.Layout, boot.ImagePath ?? boot.Name, boot.Name).Add(boot);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The group that knows one of the names; they are all its names from then on.</summary>
    private ResultGroup Group(WindowsLayout? layout, params string[] names)
    {
        string[] all = layout is null ? names : [layout.ImagePath, .. names];
        ResultGroup? group = _groups.Find(group => all.Any(group.Names.Contains));
        if (group is null)
        {
            group = new ResultGroup(all[0]);
            _groups.Add(group);
        }

        group.Names.UnionWith(all);
        group.Layout ??= layout;
        return group;
    }
}
