"""Idempotency keys: the first answer again for the same call, an error for another call with the same key."""

from adapter.simulator.call import Fel, Reply, refusal


class KeyStore:
    """Keys with the fingerprint of their call and the answer that it got."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[str, Reply]] = {}

    def find(self, key: str, fingerprint: str) -> Reply | None:
        """The answer for a known key (422 when it belongs to another call), None for a new one."""
        bound = self._answers.get(key)
        if bound is None:
            return None
        known, answer = bound
        if known != fingerprint:
            return refusal(422, [Fel("IDEMPOTENCY-KEY", "", "Nyckeln hör till ett annat anrop.")])
        return Reply(
            answer.status, answer.body, {**answer.headers, "idempotent-replayed": "true"}, answer.content_type
        )

    def bind(self, key: str, fingerprint: str, answer: Reply) -> None:
        """Keep the answer for a key."""
        self._answers[key] = (fingerprint, answer)

    def clear(self) -> None:
        """Forget all keys."""
        self._answers.clear()
