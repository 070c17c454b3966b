"""A register by name, behind TLS, that cannot be asked; senders prove themselves. Each of these can fail."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.simulator.server import Tls, running
from tests.support.deployment import Register, Service, contact, event_of, until
from tests.support.namespace import means, with_mounts
from tests.support.proxy import Proxy

CERTS = Path(__file__).parent / "certs"
NAME = "gvr.vardbro.test"
TOKEN = "a-token-of-the-journal-0123"
PROOF = {"authorization": f"Bearer {TOKEN}"}
TAKEN = "200."


@dataclasses.dataclass
class Secure:
    """The service, the way to its register, and the names that it can resolve."""

    service: Service
    line: Proxy
    register: Register
    expired: Register
    hosts: Path

    def take(self, number: str, version: int = 1) -> str:
        """Submit a contact with the sender's token."""
        answer = self.service.submit(contact(number, version), **PROOF)
        assert answer.status_code == 200, answer.text
        return event_of(answer)

    def know_name(self, known: bool) -> None:
        """Let the name resolve or not. Where names cannot be taken away, a wrong one is configured."""
        if means() is not None:
            self.hosts.write_text(f"127.0.0.1 localhost {NAME if known else ''}\n")
            return
        self.service.configure(self.url("127.0.0.1" if known else "gvr.vardbro.invalid"), **SETTINGS)
        self.service.restart()

    def url(self, name: str) -> str:
        """The register's address under a name."""
        return f"https://{name}:{self.line.port}/gvr"


SETTINGS: dict[str, Any] = {
    "lookup": None,
    "production": False,
    "ca": str(CERTS / "ca.pem"),
    "more": f'[senders.journal]\ntoken = "{TOKEN}"',
}


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("secure")
    hosts, servers = folder / "hosts", folder / "resolv.conf"
    hosts.write_text(f"127.0.0.1 localhost {NAME}\n")
    servers.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    mounts = f"mount --bind {hosts} /etc/hosts; mount --bind {servers} /etc/resolv.conf"
    named = means() is not None
    with (
        running(tls=Tls(CERTS / "server.pem", CERTS / "server.key")) as good,
        running(tls=Tls(CERTS / "expired.pem", CERTS / "server.key")) as bad,
    ):
        register, expired = Register(good, verify=False), Register(bad, verify=False)
        with (
            Proxy(register.port) as line,
            Service(
                folder,
                f"https://{NAME if named else '127.0.0.1'}:{line.port}/gvr",
                before=with_mounts(mounts) if named else (),
                **SETTINGS,
            ) as service,
        ):
            yield Secure(service, line, register, expired, hosts)
        register.close()
        expired.close()


@pytest.fixture
def at(secure: Secure) -> Iterator[Secure]:
    """Everything works, before and after."""
    yield secure
    secure.register.calm()
    secure.line.aim(secure.register.port)
    secure.service.http.post("/api/registers/gvr/resume", json={})


@pytest.mark.failure(
    part="register",
    fault="its name does not resolve",
    sender=TAKEN,
    operator="Log `not-sent`, `dns`; the lane is `waiting` with that cause.",
    kept="The message, waiting in its lane.",
    recovers="By the schedule, as soon as the name resolves; no restart.",
)
def test_a_name_that_is_gone_holds_the_lanes_until_it_is_back(at: Secure, number: str) -> None:
    at.line.cut()
    at.know_name(False)
    event = at.take(number)
    lane = at.service.until_cause(event)
    assert lane["cause"] in ("dns", "connect-timeout")
    assert lane["attempts"][0]["outcome"]["kind"] == "not-sent"
    at.know_name(True)
    at.service.until_accepted(event)
    assert at.register.calls(event) == ["POST"]


@pytest.mark.failure(
    part="register",
    fault="its certificate has expired",
    sender=TAKEN,
    operator="The register is paused, cause `tls`; one notice. `vardbro check`"
    " tries the handshake and says what is wrong.",
    kept="Every message in its lane; nothing is sent over the connection, no attempt is spent.",
    recovers="A probe every 30 s, until the handshake succeeds; then all lanes flow. The same holds when the"
    " register refuses our certificate.",
)
def test_an_expired_certificate_pauses_the_register_until_it_is_renewed(at: Secure, number: str) -> None:
    at.line.aim(at.expired.port)
    at.line.cut()
    events = [at.take(f"{number}-{n}") for n in range(2)]
    until(lambda: at.service.paused() == "auth")
    assert at.service.is_noticed("paused", "tls")
    assert at.expired.calls() == []
    assert {at.service.lane(event)["tries"] for event in events} == {0}
    at.line.aim(at.register.port)
    for event in events:
        at.service.until_accepted(event)
    assert at.service.paused() is None
    assert at.service.is_cleared("paused", "tls")


@pytest.mark.failure(
    part="register",
    fault="hangs up during the TLS hello",
    sender=TAKEN,
    operator="Log `not-sent`, `tls-refused`: it may be restarting.",
    kept="The message, waiting in its lane.",
    recovers="By the schedule; it is no reason to pause.",
)
def test_a_register_that_hangs_up_during_the_hello_is_tried_again(at: Secure, number: str) -> None:
    at.register.fault("tls-failure", count=4)
    at.line.cut()
    event = at.take(number)
    at.service.until_accepted(event)
    lane = at.service.lane(event)
    assert (lane["attempts"][0]["outcome"]["kind"], lane["attempts"][0]["outcome"]["cause"]) == (
        "not-sent",
        "tls-refused",
    )
    assert at.service.paused() is None
    assert at.register.calls(event) == ["POST"]


@pytest.mark.failure(
    part="register",
    fault="an outcome that nothing can settle",
    sender="200; its status shows `unknown`.",
    operator="The lane is `unknown` and not due; one notice.",
    kept="The message, the frozen request, and every correction behind it.",
    recovers="An operator looks at the register and settles it (`accepted` or `not-accepted`), with a reason."
    " Never resent blindly.",
)
def test_an_outcome_that_nothing_can_settle_waits_for_an_operator(at: Secure, number: str) -> None:
    at.register.fault("timeout-after-effect", count=1)
    event = at.take(number)
    at.take(number, version=2)
    lane = at.service.until_state(event, "unknown")
    assert (lane["states"], lane["due_at"]) == (["unknown", "waiting"], None)
    assert at.service.is_noticed("unknown", "read-timeout")
    assert at.register.calls(event) == ["POST"]
    at.service.http.post(
        f"/api/lanes/{lane['id']}/settle", json={"outcome": "accepted", "reason": "seen at the register"}
    )
    at.service.until_accepted(event)
    assert at.register.calls(event) == ["POST", "PUT"]
    assert at.service.is_cleared("unknown", "read-timeout")


@pytest.mark.failure(
    part="sender",
    fault="does not prove itself",
    sender="401 with `WWW-Authenticate` and rule `HTTP-SENDER`.",
    operator='`vardbro_bundles_total{status="401"}`; the receipt under the sender `unknown`.',
    kept="Time, size and status; not one byte of the content.",
    recovers="The sender sends again with its token.",
)
def test_a_sender_without_its_token_is_refused(at: Secure, number: str) -> None:
    before = at.service.metric('vardbro_bundles_total{status="401"}')
    for headers, asks, rule in (
        ({}, "Bearer", "HTTP-SENDER"),
        (
            {"authorization": "Bearer not-the-token-0123456"},
            'Bearer error="invalid_token"',
            "HTTP-TOKEN",
        ),
    ):
        answer = at.service.submit(contact(number), **headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, asks)
        assert rule in answer.text
        status, size, content_is_kept = at.service.newest_receipt()
        assert (status, size > 0, content_is_kept) == (401, True, False)
    assert at.service.metric('vardbro_bundles_total{status="401"}') == before + 2
    at.service.until_accepted(at.take(number))
