"""DBOS without steps: the workflow itself calls the register.

Its documentation advises against that (workflows must be deterministic). For a workflow that does nothing
else the promise is the same, at least once, and there is a third less to write: the best that we could make
of DBOS here.
"""

from typing import Any

from dbos import DBOS

from benchmarks.contenders import with_dbos


@DBOS.workflow()
async def report_bare(content: str) -> int:
    return await with_dbos.post(content)


class Contestant(with_dbos.Contestant):
    """Each message is a workflow without a step."""

    workflow: Any = staticmethod(report_bare)
