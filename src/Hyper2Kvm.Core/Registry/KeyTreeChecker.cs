using System.Globalization;
using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Registry;

/// <summary>Checks all keys from the root down: nodes, lists of subkeys, statistics, values and their data.</summary>
internal sealed class KeyTreeChecker(CheckedCells cells, SecurityChecker security)
{
    private const int MostLevels = 512;

    private readonly Stack<(CellOffset Cell, CellOffset Parent, int Level)> _keys = new();
    private readonly ValueChecker _values = new(cells);

    public void Check(CellOffset root)
    {
        if (ClaimKey(root, "root key node") is { } rootNode)
        {
            if ((new KeyNodeView(rootNode.Span).Flags & KeyNodeView.HiveEntryFlag) == 0)
            {
                cells.Report("HiveRootNotMarked", root, "the root key is not marked as the root of a hive");
            }

            _keys.Push((root, CellOffset.None, 0));
        }

        while (_keys.TryPop(out (CellOffset Cell, CellOffset Parent, int Level) key) && !cells.IsFull)
        {
            CheckKey(key.Cell, key.Parent, key.Level);
        }
    }

    /// <summary>A whole key node, claimed; null, and a finding, when it is not one.</summary>
    private Memory<byte>? ClaimKey(CellOffset cell, string structure)
    {
        if (cells.Claim(cell, structure, KeyNodeView.HeaderSize) is not { } data)
        {
            return null;
        }

        KeyNodeView node = new(data.Span);
        if (!node.HasSignature || node.NameLength == 0 || node.NameLength > data.Length - KeyNodeView.HeaderSize)
        {
            cells.Report("HiveKeyDamaged", cell, $"the {structure} is not whole");
            return null;
        }

        return data;
    }

    private void CheckKey(CellOffset cell, CellOffset parent, int level)
    {
        KeyNodeView node = new(cells.Data(cell).Span);
        if (!parent.IsNone && node.Parent != parent)
        {
            cells.Report("HiveParentWrong", cell, string.Create(CultureInfo.InvariantCulture, $"the parent is 0x{parent.Value:X}, not 0x{node.Parent.Value:X}"));
        }

        if (level > MostLevels)
        {
            cells.Report("HiveTooDeep", cell, "more than 512 levels of keys");
            return;
        }

        security.Use(node.Security, cell);
        if (!node.ClassName.IsNone && node.ClassLength > 0)
        {
            cells.Claim(node.ClassName, "class name", node.ClassLength);
        }

        CheckSubkeys(cell, node, level);
        _values.Check(cell, node);
    }

    private void CheckSubkeys(CellOffset cell, KeyNodeView node, int level)
    {
        if (node.SubkeyCount == 0)
        {
            return;
        }

        List<(CellOffset Key, uint Hint, SubkeyListKind Kind)> entries = [];
        ReadList(node.SubkeyList, entries, mayBeRoot: true);
        if (entries.Count != node.SubkeyCount)
        {
            cells.Report("HiveSubkeyCountWrong", cell, string.Create(CultureInfo.InvariantCulture, $"counts {node.SubkeyCount} subkeys, lists {entries.Count}"));
        }

        string? previous = null;
        int largestName = 0;
        int largestClass = 0;
        foreach ((CellOffset key, uint hint, SubkeyListKind kind) in entries)
        {
            if (ClaimKey(key, "key node") is not { } data)
            {
                continue;
            }

            KeyNodeView subkey = new(data.Span);
            string name = subkey.Name;
            if (previous is not null && HiveName.Compare(previous, name) >= 0)
            {
                cells.Report("HiveSubkeysUnsorted", key, $"'{name}' is listed behind '{previous}'");
            }

            if (kind == SubkeyListKind.HashLeaf ? hint != HiveName.Hash(name) : kind == SubkeyListKind.FastLeaf && !HiveName.MayHaveHint(name, hint))
            {
                cells.Report("HiveHintWrong", key, $"the list has a wrong hint for '{name}'");
            }

            previous = name;
            largestName = Math.Max(largestName, name.Length * 2);
            largestClass = Math.Max(largestClass, subkey.ClassLength);
            _keys.Push((key, cell, level + 1));
        }

        if (node.LargestSubkeyName < largestName || node.LargestSubkeyClass < largestClass)
        {
            cells.Report(
                "HiveStatisticsWrong",
                cell,
                string.Create(CultureInfo.InvariantCulture, $"a subkey name of {largestName} bytes, class {largestClass}; the key says {node.LargestSubkeyName} and {node.LargestSubkeyClass}"));
        }
    }

    private void ReadList(CellOffset cell, List<(CellOffset Key, uint Hint, SubkeyListKind Kind)> entries, bool mayBeRoot)
    {
        const int header = 4;
        if (cells.Claim(cell, "subkeys list", header) is not { } data)
        {
            return;
        }

        ReadOnlySpan<byte> bytes = data.Span;
        SubkeyListKind? kind = bytes[..2] switch
        {
            [(byte)'l', (byte)'i'] => SubkeyListKind.IndexLeaf,
            [(byte)'l', (byte)'f'] => SubkeyListKind.FastLeaf,
            [(byte)'l', (byte)'h'] => SubkeyListKind.HashLeaf,
            [(byte)'r', (byte)'i'] when mayBeRoot => SubkeyListKind.IndexRoot,
            _ => null,
        };
        int step = kind is SubkeyListKind.FastLeaf or SubkeyListKind.HashLeaf ? 8 : 4;
        int count = Le.U16(bytes, 2);
        if (kind is null || count == 0 || header + (count * step) > bytes.Length)
        {
            cells.Report("HiveSubkeyListDamaged", cell, "no whole list of subkeys");
            return;
        }

        for (int offset = header; offset < header + (count * step); offset += step)
        {
            CellOffset target = new(Le.U32(bytes, offset));
            if (kind == SubkeyListKind.IndexRoot)
            {
                ReadList(target, entries, mayBeRoot: false);
            }
            else
            {
                entries.Add((target, step == 8 ? Le.U32(bytes, offset + 4) : 0, kind.Value));
            }
        }
    }
}
