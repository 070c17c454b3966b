"""From an assertion to a token to the door: used once, short, bound, narrowed; and keys that change."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from adapter.access.doorkeeper import NotAdmitted
from adapter.access.token_desk import NoToken, TokenDesk
from adapter.ledger.access import NEW_KEY_EVERY, AccessLedger
from adapter.ledger.ledger import Ledger
from tests.access.conftest import Door
from tests.support.certificates import Authority
from tests.support.smart_client import SmartClient, b64, mac
from tests.support.stores import SqliteStore

READ = "system/Encounter.rs"


async def refused(
    door: Door, token: str, rule: str = "HTTP-TOKEN", right: str = "system/Encounter.c"
) -> NotAdmitted:
    with pytest.raises(NotAdmitted) as caught:
        await door.enter(token, right)
    assert caught.value.rule == rule
    return caught.value


def taken_apart(token: str) -> list[dict[str, object]]:
    parts = token.split(".")[:2]
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts]


# Once


async def test_an_assertion_gets_one_token_and_no_second(door: Door) -> None:
    form = door.a.form()
    await door.token(form)
    with pytest.raises(NoToken) as caught:
        await door.token(form)
    assert "jti has been used" in caught.value.description


async def test_the_same_jti_in_another_assertion_is_a_replay_too(door: Door) -> None:
    await door.token(door.a.form(door.a.assertion(jti="once")))
    with pytest.raises(NoToken):
        await door.token(door.a.form(door.a.assertion(jti="once", note="new")))


async def test_it_is_one_on_every_node_and_after_a_restart(door: Door) -> None:
    form = door.a.form()
    await door.token(form)
    door.build()
    with pytest.raises(NoToken):
        await door.token(form)


async def test_two_clients_may_have_the_same_jti(door: Door) -> None:
    await door.token(door.a.form(door.a.assertion(jti="1")))
    await door.token(door.b.form(door.b.assertion(jti="1")))


async def test_a_refused_scope_does_not_use_the_assertion_up(door: Door) -> None:
    assertion = door.a.assertion()
    with pytest.raises(NoToken):
        await door.token(door.a.form(assertion, scope="system/Patient.r"))
    await door.token(door.a.form(assertion))


# What a token grants


async def test_a_token_grants_what_was_asked_of_what_the_sender_has(tmp_path: Path, ledger: Ledger) -> None:
    door = Door(tmp_path, ledger, **{"journal-a": {"scopes": "system/Encounter.cr system/Encounter.s"}})
    issued = await door.desk.issue(door.a.form(scope="system/*.cruds system/Nothing.r"), None)
    assert issued.scope == "system/Encounter.cr system/Encounter.s"
    assert (issued.token_type, issued.expires_in) == ("Bearer", 300)
    assert await door.enter(issued.access_token, READ) == "journal-a"


async def test_a_token_without_the_right_is_forbidden_and_told_which(door: Door) -> None:
    token = await door.token(door.a.form(scope="system/Encounter.rs"))
    assert await door.enter(token, READ) == "journal-a"
    no = await refused(door, token, "HTTP-SCOPE")
    assert (no.status, no.sender and no.sender.name) == (403, "journal-a")
    assert no.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="system/Encounter.c"'


async def test_version_1_scopes_are_granted_as_they_were_asked_for(door: Door) -> None:
    issued = await door.desk.issue(door.a.form(scope="system/Encounter.write system/Encounter.read"), None)
    assert issued.scope == "system/Encounter.write system/Encounter.read"
    assert await door.enter(issued.access_token) == "journal-a"


async def test_what_is_taken_from_a_sender_is_taken_from_its_tokens_as_well(door: Door) -> None:
    token = await door.token()
    door.extra = {"journal-a": {"scopes": READ}}
    door.build()
    await refused(door, token, "HTTP-SCOPE")


async def test_a_client_that_is_no_more_has_no_tokens_any_more(door: Door) -> None:
    token = await door.token()
    door.a = SmartClient("another-client", door.desk.audience)
    door.publish()
    door.build()
    await refused(door, token)


# Tokens that are wrong


async def test_a_token_that_was_changed_or_made_by_somebody_else_is_refused(door: Door) -> None:
    token = await door.token()
    header, payload, signature = token.split(".")
    claims = taken_apart(token)[1]
    other = b64(json.dumps({**claims, "sub": door.b.client_id}).encode())
    forged_header = b64(json.dumps({**taken_apart(token)[0], "alg": "none"}).encode())
    guess = b64(mac(b"secret", f"{header}.{payload}".encode()))
    for wrong in (
        f"{header}.{other}.{signature}",
        f"{forged_header}.{payload}.",
        f"{header}.{payload}.{guess}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        token[:-4],
        f"x{token}",
        "garbage",
        "a.b.c",
        "å.å.å",
        ".." * 1,
        door.a.assertion(),
        "x" * 20_000,
        f"{b64(b'[' * 300)}.{b64(b'{}')}.AA",
        f"{b64(b'[]')}.{b64(b'{}')}.AA",
        f"{header}.{b64(b'[' * 2000)}.{signature}",
        f"{token}.{signature}",
    ):
        assert (await refused(door, wrong)).status == 401
    assert await door.enter(token) == "journal-a"


async def test_what_our_key_signs_is_a_token_only_in_its_whole_form(door: Door, ledger: Ledger) -> None:
    token = await door.token()
    header, claims = taken_apart(token)
    (key,) = await AccessLedger(ledger).keys()

    def signed(header: dict[str, object], claims: dict[str, object]) -> str:
        text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        return f"{text}.{b64(mac(key.secret, text.encode()))}"

    assert await door.enter(signed(header, claims)) == "journal-a"
    await refused(door, signed({**header, "typ": "JWT"}, claims))
    await refused(door, signed({**header, "kid": "another"}, claims))
    for missing in ("sub", "scope", "exp", "iat"):
        await refused(door, signed(header, {name: claims[name] for name in claims if name != missing}))
    await refused(door, signed(header, {**claims, "exp": "never"}))
    await refused(door, signed(header, {**claims, "cnf": {}}))


async def test_a_token_expires_on_every_node(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await door.token()
    now = taken_apart(token)[1]["exp"]
    assert isinstance(now, int)
    reader = door.doorkeeper._tokens
    assert reader is not None
    reader._clock = lambda: now + 4.9
    assert await door.enter(token) == "journal-a"
    reader._clock = lambda: now + 5.0
    await refused(door, token)
    reader._clock = lambda: now - 300 - 6.0
    await refused(door, token)


async def test_a_token_of_another_ledger_is_refused(door: Door, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = SqliteStore(tmp_path / "other").open()
    try:
        desk = TokenDesk(door.config, door.doorkeeper._roster, AccessLedger(other))
        token = (await desk.issue(door.a.form(), None)).access_token
    finally:
        await other.close()
    await door.token()
    await refused(door, token)


async def test_neither_tokens_nor_assertions_lie_in_the_ledger(door: Door, tmp_path: Path) -> None:
    assertion = door.a.assertion(jti="find-this-jti")
    token = await door.token(door.a.form(assertion))
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("ledger.db*"))  # noqa: ASYNC240
    for secret in (*assertion.split("."), *token.split(".")[1:], "find-this-jti"):
        assert secret.encode() not in stored


# Certificates


async def test_a_token_that_was_got_with_a_certificate_is_of_use_with_it_alone(
    door: Door, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    own, other = authority.issue("own").der, authority.issue("other").der
    token = await door.token(certificate=own)
    assert await door.enter(token, certificate=own) == "journal-a"
    await refused(door, token)
    with pytest.raises(NotAdmitted):
        await door.enter(token, certificate=other)


async def test_anothers_certificate_gets_no_token(tmp_path: Path, ledger: Ledger) -> None:
    shown = Authority(tmp_path).issue("b")
    settings = {"journal-b": {"certificate": f"sha256:{shown.fingerprint}"}}
    door = Door(tmp_path, ledger, **settings)
    with pytest.raises(NoToken) as caught:
        await door.token(certificate=shown.der)
    assert "another sender" in caught.value.description


# Keys change


async def test_a_client_changes_its_key_without_a_restart_of_ours(door: Door) -> None:
    old = door.a.keys["key-1"]
    door.a.keys = {"key-2": ec.generate_private_key(ec.SECP384R1()), "key-1": old}
    door.publish()
    await door.token()
    await door.token(door.a.form(door.a.assertion({"kid": "key-1"}, key=old)))
    del door.a.keys["key-1"]
    door.publish()
    await door.token()
    with pytest.raises(NoToken) as stale:
        await door.token(door.a.form(door.a.assertion({"kid": "key-1"}, key=old)))
    assert "no usable key" in stale.value.description


async def test_a_file_of_keys_that_is_broken_lets_nobody_in_until_it_is_mended(door: Door) -> None:
    door.files["journal-a"].write_text("{")
    with pytest.raises(NoToken) as caught:
        await door.token()
    assert (caught.value.status, caught.value.error) == (503, "temporarily_unavailable")
    assert "file of keys" in caught.value.description
    door.publish()
    await door.token()


async def test_our_key_changes_once_a_day_and_the_one_before_still_verifies(
    door: Door, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await door.token()
    session = await _session(ledger)
    clock = session._clock
    monkeypatch.setattr(session, "_clock", lambda: clock() + NEW_KEY_EVERY - 60)
    same = await door.token()
    assert taken_apart(same)[0]["kid"] == taken_apart(first)[0]["kid"]
    monkeypatch.setattr(session, "_clock", lambda: clock() + NEW_KEY_EVERY + 60)
    second = await door.token()
    assert taken_apart(second)[0]["kid"] != taken_apart(first)[0]["kid"]
    for token in (first, second):
        assert await door.enter(token) == "journal-a"
    monkeypatch.setattr(session, "_clock", lambda: clock() + 2 * NEW_KEY_EVERY + 180)
    third = await door.token()
    door.build()  # a node that has not seen them yet
    for token in (second, third):
        assert await door.enter(token) == "journal-a"
    await refused(door, first)
    assert len(await AccessLedger(ledger).keys()) == 2


async def _session(ledger: Ledger):
    return await ledger.write(lambda tx: tx)


async def test_a_node_that_is_asked_with_unknown_keys_does_not_ask_the_ledger_each_time(door: Door) -> None:
    asked = 0
    reader = door.doorkeeper._tokens
    assert reader is not None
    find = reader._store.keys

    async def counted():
        nonlocal asked
        asked += 1
        return await find()

    reader._store.keys = counted
    key = b64(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": "none"}).encode())
    for number in range(50):
        await refused(door, f"{key}.{b64(b'{}')}.{b64(str(number).encode())}")
    assert 1 <= asked <= 7
