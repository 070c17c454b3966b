"""Which pushers a service has: one for each webhook that is configured, and one for the log."""

from collections.abc import Mapping

from adapter.hooks.bodies import of_operators, of_sender
from adapter.hooks.endpoint import Endpoint
from adapter.hooks.log import NoticeLog
from adapter.hooks.pusher import Pusher
from adapter.hooks.target import Target
from adapter.ledger.hooks import HookLedger
from adapter.ledger.sql.changes import OPERATORS, sender

LOG = f"log:{OPERATORS}"
"""The hook that writes notices into the log."""


def pushers(ledger: HookLedger, senders: Mapping[str, Target], operators: Target | None) -> list[Pusher]:
    """Pushers of the senders' webhooks (by sender), the operators' webhook if there is one, and the log."""
    made = [
        Pusher(sender(name), sender(name), ledger, Endpoint(target, of_sender), to=target.shown)
        for name, target in senders.items()
    ]
    if operators is not None:
        endpoint = Endpoint(operators, of_operators)
        made.append(Pusher(OPERATORS, OPERATORS, ledger, endpoint, to=operators.shown))
    return [*made, Pusher(LOG, OPERATORS, ledger, NoticeLog())]
