"""The guide names every kind of fault."""

from pathlib import Path

from adapter.simulator.faults import Fault, Kind

GUIDE = Path(__file__).parents[2] / "docs/how-to/simulator.md"


def test_the_guide_names_every_kind_and_every_setting():
    text = GUIDE.read_text("utf-8")
    settings = {field.alias or name for name, field in Fault.model_fields.items()} - {"match"}
    assert [kind for kind in Kind if f"| `{kind}` |" not in text] == []
    assert [name for name in settings if f"`{name}`" not in text] == []
