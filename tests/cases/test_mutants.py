"""The cases notice when a rule is broken: a sample of what the mutation score does with all of them."""

import pytest

from adapter.cases.run import Translators
from adapter.resources import data_folder
from adapter.rules import load_packs
from adapter.rules.reading import read_pack
from adapter.rules.yaml_source import read_yaml
from tests.support.books import questions
from tests.support.equivalents import Equivalents
from tests.support.mutants import mutants
from tests.support.mutation_score import cases_of, is_noticed, score


def test_a_rule_is_changed_in_each_place_once() -> None:
    problems: list[object] = []
    pack = read_pack(read_yaml(data_folder("mappings") / "rules/gvr/vardkontakt-2025.yaml"), problems)  # type: ignore[arg-type]
    assert pack is not None
    (rule,) = [one for one in pack.rules if one.face.id == "GVR-TRIAGE"]
    changed = list(mutants(rule.entry))
    assert changed[0].entry is None
    texts = [one.entry.when for one in changed[1:] if one.entry is not None]
    assert len(set(texts)) == len(texts) > 3
    assert rule.entry.when not in texts
    assert any("||" in (text or "") for text in texts)


@pytest.mark.parametrize("name", ["listning-fast-lakarkontakt-2026"])
def test_most_breaks_of_a_pack_are_noticed(name: str) -> None:
    packs, translators = load_packs(data_folder("mappings") / "rules"), Translators()
    (pack,) = [one for one in packs.packs if one.head.pack == name]
    register = pack.head.register or ""
    runs = cases_of(register)
    assert not is_noticed(translators, runs, packs, register, questions(register))
    found = score(translators, packs, pack, runs, Equivalents.read("rules"))
    assert found.made > 5
    assert found.caught / found.made >= 0.9
