"""How a submission is known when it comes again, and in which form its sender is answered.

Most bundles are known by their own key and answered by HTTP's status. A message is known by the ids of its
envelope and answered by a message, whose response code says what HTTP's status says elsewhere.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Literal

import msgspec
import orjson

from adapter.answers import IntakeAnswer
from adapter.fhir.bundle import Bundle
from adapter.fhir.message import Header, header_of, message_content, response_message
from adapter.fhir.xml.twins import canonical
from adapter.recording import fingerprint

Content = Callable[..., bytes]
"""Makes of a submission's bytes others that are equal for equal content (fhir.xml.twins.canonical)."""

Stamp = Callable[[], tuple[tuple[str, str, str], str]]
"""Makes three fresh ids (UUIDs) and tells the time (an instant): chance and clock are the caller's."""

Exchange = Literal["sync", "async"]
"""How the sender of a message wants it answered: by a message, or by no more than that it is taken (202)."""

ACCEPTED = 202


class Dialogue(msgspec.Struct, frozen=True):
    """`key` is what the submission is known by, `bundle` what its Bundle.id is known by, for messages.

    `content` makes bytes that are equal for equal content. Of a message the first answer is given again
    whatever has become of its events since. `reused` is the rule for a key that comes with something else,
    `taken_as` the HTTP status of a success.
    """

    key: str
    content: Content
    is_message: bool = False
    bundle: str | None = None
    reused: str = "INTAKE-KEY-REUSED"
    taken_as: int = 200

    @property
    def key_at(self) -> str:
        """The place of the key in the bundle, empty when it is not from there."""
        if self.key.startswith("message:"):
            return "Bundle.entry[0].resource.id"
        return "Bundle.identifier" if self.key.startswith("identifier:") else ""

    def taken(self, body: bytes) -> bytes:
        """What is said to a sender whose submission was taken."""
        return body

    def refused(self, status: int, body: bytes) -> IntakeAnswer:
        """What is said where nothing was taken, and why not."""
        return IntakeAnswer(status=status, body=body)

    def later(self, answer: IntakeAnswer) -> IntakeAnswer:
        """What is said where nothing could be taken now."""
        return answer


class MessageDialogue(Dialogue, frozen=True, kw_only=True):
    """A message whose sender waits for a message as answer."""

    header: Header
    endpoint: str
    stamp: Stamp

    def taken(self, body: bytes) -> bytes:
        return self._response("ok", body)

    def refused(self, status: int, body: bytes) -> IntakeAnswer:  # noqa: ARG002 - the code says it
        return IntakeAnswer(status=200, body=self._response("fatal-error", body))

    def later(self, answer: IntakeAnswer) -> IntakeAnswer:
        body = self._response("transient-error", answer.body)
        return IntakeAnswer(status=200, body=body, headers=answer.headers)

    def _response(self, code: str, outcome: bytes) -> bytes:
        ids, at = self.stamp()
        return orjson.dumps(
            response_message(self.header, code, orjson.loads(outcome), endpoint=self.endpoint, ids=ids, at=at)
        )


def dialogue_with(
    bundle: Bundle,
    header: str | None,
    body_hash: str,
    endpoint: str,
    stamp: Stamp,
    exchange: Exchange | None = None,
) -> Dialogue:
    """The dialogue that a bundle begins. `header` is the Idempotency-Key.

    The key of other bundles is Bundle.identifier, else the header, else a hash of the content.
    """
    message = header_of(bundle)
    if message is None:
        is_message = bundle.type == "message"
        return Dialogue(_key(bundle, header, body_hash), canonical, is_message=is_message)
    own = MessageDialogue(
        "message:" + fingerprint(message.id),
        message_content,
        is_message=True,
        bundle=None if message.bundle_id is None else fingerprint(message.bundle_id),
        reused="INTAKE-MESSAGE-REUSED",
        header=message,
        endpoint=endpoint,
        stamp=stamp,
    )
    if exchange != "async" and message.repeatable:
        return own
    status = ACCEPTED if exchange == "async" else own.taken_as
    return Dialogue(own.key, own.content, True, own.bundle, own.reused, status)


def _key(bundle: Bundle, header: str | None, body_hash: str) -> str:
    if bundle.identifier is not None:
        return "identifier:" + fingerprint(list(bundle.identifier))
    if header:
        return "header:" + fingerprint(header)
    return _content_key(bundle, body_hash)


def _content_key(bundle: Bundle, body_hash: str) -> str:
    """What a bundle without a key of its own is known by: its content, however it is spaced, ordered or
    written; the bytes, where it is nested too deeply to be written again."""
    try:
        content = orjson.dumps(bundle.raw, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return "body:" + body_hash
    return "content:" + sha256(content).hexdigest()
