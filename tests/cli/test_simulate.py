"""``vardbro simulate``: what it refuses before it listens."""

from pathlib import Path

import pytest

from adapter.cli.root import run


@pytest.mark.parametrize("given", ["gone", "{}=gone"])
def test_an_inbox_or_receipts_folder_that_is_not_there_is_wrong_usage(
    tmp_path: Path, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", "--inbox", given.format(tmp_path)]) == 2
    assert "there is no folder" in capsys.readouterr().err
