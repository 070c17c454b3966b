from pathlib import Path

import pytest

from adapter.rules.problem import PackProblem
from adapter.rules.yaml_source import MAX_BYTES, MAX_DEPTH, YamlSource, read_yaml


def _read(tmp_path: Path, content: str | bytes) -> YamlSource:
    file = tmp_path / "pack.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_yaml(file)


def _problem(tmp_path: Path, content: str | bytes) -> tuple[int, str]:
    with pytest.raises(PackProblem) as caught:
        _read(tmp_path, content)
    return caught.value.problem.line, caught.value.problem.text


def test_values_keep_their_types_and_dates_stay_text(tmp_path: Path) -> None:
    source = _read(tmp_path, "a: text\nb: 12\nc: true\nd: null\ne: 2025-01-01\nf: [x, 'no']\n")
    assert source.value == {"a": "text", "b": 12, "c": True, "d": None, "e": "2025-01-01", "f": ["x", "no"]}


def test_each_place_knows_its_line(tmp_path: Path) -> None:
    source = _read(tmp_path, "# top\na:\n  - x: 1\n    y: 2\n  - z: 3\n")
    assert source.line(("a", 0, "y")) == 4
    assert source.line(("a", 1)) == 5


def test_a_place_that_is_not_there_has_the_line_of_what_is_around_it(tmp_path: Path) -> None:
    source = _read(tmp_path, "# top\na:\n  - x: 1\n")
    assert source.line(("a", 0, "absent", "deeper")) == 3


@pytest.mark.parametrize("text", ["a: &x 1\nb: *x\n", "a: &x [1]\n"])
def test_anchors_and_aliases_are_refused(tmp_path: Path, text: str) -> None:
    line, said = _problem(tmp_path, text)
    assert line == 1
    assert "anchors" in said


def test_a_bomb_of_aliases_is_refused_before_it_is_built(tmp_path: Path) -> None:
    bomb = "a: &a [x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20)
    )
    assert "anchors" in _problem(tmp_path, bomb)[1]


def test_a_key_that_stands_twice_is_refused_at_its_second_line(tmp_path: Path) -> None:
    assert _problem(tmp_path, "a: 1\nb: 2\na: 3\n") == (3, "the key `a` stands twice")


@pytest.mark.parametrize(
    "value", ["yes", "off", "1.5", "0x1F", "017", "2025-01-01 10:00:00", "!!python/name:os.x y"]
)
def test_values_that_yaml_reads_in_surprising_ways_are_refused(tmp_path: Path, value: str) -> None:
    line, said = _problem(tmp_path, f"a: 1\nb: {value}\n")
    assert line == 2
    assert "quotes" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"# only a comment\n", "empty"),
        (b"a: \xff\n", "UTF-8"),
        (b"a: [1\n", "not YAML"),
        (b"a: 1\n--- \nb: 2\n", "not YAML"),
        (b"a: b: c\n", "not YAML"),
        (b"? [a]\n: 1\n", "plain text"),
        (b"1: a\n", "plain text"),
        (b"\x00", "not YAML"),
        (b"a: " + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deeper"),
        (b"#" * (MAX_BYTES + 1), "larger"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in _problem(tmp_path, content)[1]


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    assert _problem(tmp_path, "a: 1\nb: 'open\n\nc: 2\n")[0] >= 2
    assert _problem(tmp_path, "a: 1\nb: 2\n c: 3\n")[0] == 3
