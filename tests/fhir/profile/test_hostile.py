"""Whatever stands where a profile looks, the check says something or nothing, and never raises."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fhir.profile.conftest import read_examples

EXAMPLES = list(read_examples().values())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["system", "code", "coding", "url", "extension", "reference", "type"]), inner
        )
    ),
    max_leaves=6,
)


def _replace(data: st.DataObject, value: Any) -> Any:
    """The value with one of its parts replaced by anything."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: _replace(data, value[key])}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], _replace(data, value[index]), *value[index + 1 :]]
    return data.draw(ANYTHING)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_json_makes_the_check_raise(data: st.DataObject, profiles, catalogue, check) -> None:
    resource = data.draw(st.sampled_from(EXAMPLES))
    changed = dict(resource)
    for _ in range(data.draw(st.integers(1, 3))):
        changed = _replace(data, changed)
        if not isinstance(changed, dict):
            return
    for url in profiles.urls:
        check(changed, url.rpartition("/")[2])
