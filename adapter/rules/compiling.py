"""From a register's pack to an edition that can judge: conditions are checked and compiled here."""

from adapter.domain.rule import Catalogue
from adapter.rules.condition import Condition, WrittenCondition
from adapter.rules.condition.compiled import EVENT
from adapter.rules.condition.shapes import ListType, RecordType, members
from adapter.rules.edition import ConditionRule, Edition
from adapter.rules.problem import Problem
from adapter.rules.reading import Pack, PackRule


def compile_edition(pack: Pack, catalogue: Catalogue, problems: list[Problem]) -> Edition:
    """The edition that a register's pack holds; rules that cannot be applied go to `problems`."""
    head = pack.head
    ready = [(rule.entry.not_reported, _rule(rule, problems)) for rule in pack.rules]
    return Edition(
        name=head.pack,
        register=head.register or "",
        service=head.service or "",
        edition=head.edition,
        valid_from=head.valid_from.isoformat() if head.valid_from else None,
        valid_to=head.valid_to.isoformat() if head.valid_to else None,
        catalogue={**catalogue, **{rule.face.id: rule.face for rule in pack.rules}},
        exceptions=[rule for excepts, rule in ready if rule and excepts],
        demands=[rule for excepts, rule in ready if rule and not excepts],
    )


def _rule(rule: PackRule, problems: list[Problem]) -> ConditionRule | None:
    entry = rule.entry
    for member in entry.at:
        if not _is_member(member):
            text = f"{entry.id}: `at` names `{member}`, which no event has"
            problems.append(rule.problem(text, "at"))
    if entry.when is None and entry.require is None:
        return None
    try:
        condition = Condition(entry.when, entry.require)
    except WrittenCondition as error:
        problems.append(rule.problem(f"{entry.id}: {error.part}: {error}", error.part))
        return None
    return ConditionRule(face=rule.face, condition=condition, at=entry.at)


def _is_member(path: str) -> bool:
    """Whether `path` (``personal.yrkeskategori``) names a member of an event; a list stands for its items."""
    group: RecordType | None = EVENT
    for name in path.split("."):
        if group is None or name not in members(group):
            return False
        kind = members(group)[name].type
        if isinstance(kind, ListType):
            kind = kind.item or kind
        group = kind if isinstance(kind, RecordType) else None
    return True
