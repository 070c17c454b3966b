"""The signature of a webhook, as Standard Webhooks 1.0.0 describes it, section "Signature scheme":
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

Signed is ``id.timestamp.body`` by HMAC-SHA256; the header has the scheme's name ``v1``, a comma, and the
signature in base64. The id stays the same when the same body is sent again; the timestamp is the attempt's.
"""

import base64
import hashlib
import hmac


def headers(key: bytes, body: bytes, at: float) -> dict[str, str]:
    """The headers that go with `body` when it is sent at `at` (seconds since 1970)."""
    identifier = message_id(body)
    timestamp = str(int(at))
    return {
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(key, identifier, timestamp, body),
    }


def signature(key: bytes, identifier: str, timestamp: str, body: bytes) -> str:
    """``v1,`` and the signature."""
    signed = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def message_id(body: bytes) -> str:
    """An id that is the same for the same body, and without a full stop."""
    return "msg_" + hashlib.sha256(body).hexdigest()[:32]
