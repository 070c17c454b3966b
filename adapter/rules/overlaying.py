"""How a user's own packs are laid over those that ship with the program.

A pack in a later folder takes the place of one with the same name (or the same file, which loading sees to).
A pack that *extends* others adds its rules to their editions: a rule whose id they have takes its place, a
new one follows theirs. The edition's name then says so (``gvr-vardkontakt-2025+local``), in every message
that it judges.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from adapter.rules.problem import Problem
from adapter.rules.reading import Pack, PackRule


def laid_over(packs: Iterable[Pack], problems: list[Problem]) -> list[Pack]:
    """The packs that count. Clashes within a folder, and packs that are not there, go to `problems`."""
    kept: dict[str, Pack] = {}
    for pack in sorted(packs, key=lambda pack: (pack.layer, str(pack.source.file))):
        earlier = kept.get(pack.head.pack)
        if earlier is not None and earlier.layer == pack.layer:
            problems.append(pack.source.problem(f"the name is taken by {earlier.source.file}", "pack"))
            continue
        kept[pack.head.pack] = pack
    for pack in [one for one in kept.values() if one.head.extends]:
        first: Pack | None = None
        for number, name in enumerate(pack.head.extends):
            target = kept.get(name)
            if target is None or target.head.extends:
                text = f"there is no pack `{name}` to extend"
                problems.append(pack.source.problem(text, "extends", number))
            elif target.head.register is None and _has_conditions(pack):
                text = f"`{name}` is applied by no register, so that no condition is asked there"
                problems.append(pack.source.problem(text, "extends", number))
            elif first is not None and _whose(first) != _whose(target):
                text = (
                    f"a pack extends editions of one service: `{name}` is of {_whose(target)}, "
                    f"`{pack.head.extends[0]}` of {_whose(first)}. Write a pack for each, with rule ids of "
                    "its own"
                )
                problems.append(pack.source.problem(text, "extends", number))
            elif name in pack.head.extends[:number]:
                problems.append(pack.source.problem(f"`{name}` stands twice", "extends", number))
            else:
                first = first or target
                kept[name] = _extended(target, pack, problems)
    return [pack for pack in kept.values() if not pack.head.extends]


def _whose(pack: Pack) -> str:
    """The register and service that a pack's rules are of."""
    return (
        f"{pack.head.register} {pack.head.service or ''}".strip() if pack.head.register else "all registers"
    )


def _extended(target: Pack, more: Pack, problems: list[Problem]) -> Pack:
    own = {rule.face.id: rule for rule in more.rules}
    if len(own) != len(more.rules):
        problems.extend(_twice(more.rules))
    rules = tuple(own.pop(rule.face.id, rule) for rule in target.rules)
    head = replace(
        target.head,
        pack=f"{target.head.pack}+{more.head.pack}",
        edition=f"{target.head.edition}+{more.head.edition}",
    )
    return replace(target, head=head, rules=(*rules, *own.values()))


def _twice(rules: Iterable[PackRule]) -> Iterable[Problem]:
    seen: set[str] = set()
    for rule in rules:
        if rule.face.id in seen:
            yield rule.problem(f"{rule.face.id}: stands twice")
        seen.add(rule.face.id)


def _has_conditions(pack: Pack) -> bool:
    return any(rule.entry.checked_by is None for rule in pack.rules)
