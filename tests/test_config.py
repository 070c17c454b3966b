"""The configuration: file, environment, and what is said of mistakes."""

from pathlib import Path

import pytest

from adapter.config import Config, load_config, require_safe_door
from adapter.config.durations import parse_duration, show_duration
from adapter.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "some.toml"
    file.write_text(text, "utf-8")
    return file


def test_without_file_and_variables_everything_is_on_loopback_with_sqlite() -> None:
    config = load_config()
    assert config.http.url == "http://127.0.0.1:8080"
    assert config.ledger.path == Path("vardbro.db")
    assert list(config.register_settings()) == ["gvr"]
    assert config.delivery.schedule == (0, 5, 300, 1800, 7200, 18000, 36000, 36000)


def test_the_file_of_the_working_folder_is_read_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "vardbro.toml").write_text("[http]\nport = 9001\n", "utf-8")
    assert load_config().http.port == 9001
    assert load_config(written(tmp_path, "[http]\nport = 9002\n")).http.port == 9002


def test_the_documented_example_is_understood(tmp_path: Path) -> None:
    config = load_config(
        written(
            tmp_path,
            """
            [http]
            host = "127.0.0.1"
            port = 8080
            [ledger]
            url = "sqlite:////var/lib/vardbro.db"
            [delivery]
            schedule = ["0s", "200ms", "5m", "2h"]
            [registers.gvr]
            enabled = true
            transport = "rest"
            url = "http://127.0.0.1:8090/gvr"
            timeout = "15s"
            idempotency = true
            lookup = "/vardhandelse/besok"
            probe_by_write = true
            grace = "40s"
            shadow = true
            default_taxa = "01"
            default_besokstyp = "1"
            [registers.pasis]
            enabled = false
            """,
        )
    )
    gvr = config.register_settings()["gvr"]
    assert (gvr.timeout, gvr.lookup, gvr.default_taxa) == (15.0, "/vardhandelse/besok", "01")
    assert gvr.idempotency
    assert gvr.probe_by_write
    assert gvr.grace == 40
    assert gvr.shadow
    assert config.delivery.schedule == (0, 0.2, 300, 7200)
    assert config.ledger.path == Path("/var/lib/vardbro.db")


def test_variables_win_over_the_file_and_options_over_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, '[http]\nport = 1\n[registers.gvr]\nurl = "http://a/gvr"\ntimeout = "1s"\n')
    monkeypatch.setenv("VARDBRO_HTTP__PORT", "2")
    monkeypatch.setenv("VARDBRO_REGISTERS__GVR__TIMEOUT", "200ms")
    monkeypatch.setenv("VARDBRO_DELIVERY__SCHEDULE", '["0s", "1s"]')
    config = load_config(file, http={"port": 3})
    assert config.http.port == 3
    assert config.registers.gvr.timeout == 0.2
    assert config.registers.gvr.url == "http://a/gvr"
    assert config.delivery.schedule == (0, 1)
    assert load_config(file).http.port == 2


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ('[registers.gvr]\ntimout = "1s"\n', "registers.gvr.timout", "timeout"),
        ("[htpt]\nport = 1\n", "htpt", "http"),
        ('[senders.acme]\nversoin = "arrival"\n', "senders.acme.versoin", "version"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_name(
    tmp_path: Path, text: str, key: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_config(written(tmp_path, text))
    assert f"unknown key {key}" in str(caught.value)
    assert f"Did you mean {hint}?" in caught.value.hint


def test_a_variable_of_no_section_is_refused_but_other_names_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VARDBRO_SHARED", "somewhere")
    load_config()
    monkeypatch.setenv("VARDBRO_REGSTERS__GVR__URL", "http://x/y")
    with pytest.raises(ConfigurationError, match="VARDBRO_REGSTERS__GVR__URL"):
        load_config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[ledger]\nurl = "postgresql:vardbro"\n', "postgresql://USER@HOST/DATABASE"),
        ('[ledger]\nurl = "mysql://db"\n', "sqlite:///FILE"),
        ('[registers.gvr]\ntimeout = "15"\n', "number with its unit"),
        ('[registers.gvr]\ntimeout = "0s"\n', "greater than 0"),
        ('[registers.gvr]\nurl = "ftp://x"\n', "url is needed"),
        ('[registers.gvr]\nurl = "http://u:p@x/gvr"\n', "no user"),
        ('[registers.gvr]\nclient_cert = "a.pem"\n', "belong together"),
        ('[registers.gvr]\ntransport = "file"\n', "folder is needed"),
        ("[registers.signe]\nenabled = true\n", "folder is needed"),
        ("[http]\nport = 70000\n", "65535"),
        ("[delivery]\nschedule = []\n", "at least one"),
        ("[http\n", "line 1"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_what_is_wrong(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_config(written(tmp_path, text))
    assert "some.toml" in str(caught.value)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        load_config(tmp_path / "nowhere.toml")


def test_an_open_door_is_for_loopback_only() -> None:
    require_safe_door(Config())
    with pytest.raises(ConfigurationError, match="no sender is configured"):
        require_safe_door(Config(http={"host": "0.0.0.0"}))


def test_on_another_host_senders_and_operators_need_tokens(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n", "utf-8")
    outside = {"http": {"host": "10.0.0.1"}}
    with pytest.raises(ConfigurationError, match=r"senders\.acme has no token"):
        require_safe_door(Config(**outside, senders={"acme": {}}))
    with pytest.raises(ConfigurationError, match="operations API has no token"):
        require_safe_door(Config(**outside, senders={"acme": {"token_file": token}}))
    require_safe_door(
        Config(**outside, senders={"acme": {"token_file": token}}, operations={"token_file": token})
    )


def test_on_loopback_only_the_default_sender_may_go_without_a_token() -> None:
    require_safe_door(Config(senders={"default": {"version": "versionId"}}))
    with pytest.raises(ConfigurationError, match=r"senders\.acme has no token"):
        require_safe_door(Config(senders={"acme": {}}))


def test_a_short_or_missing_token_file_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("abc", "utf-8")
    for file, said in ((short, "at least 16"), (tmp_path / "none", "No such file")):
        with pytest.raises(ConfigurationError, match=said):
            require_safe_door(Config(senders={"acme": {"token_file": file}}))


def test_a_token_never_shows_in_the_configuration() -> None:
    config = Config(senders={"acme": {"token": "0123456789abcdef"}})
    assert "0123456789abcdef" not in repr(config)


@pytest.mark.parametrize(
    ("text", "seconds"), [("200ms", 0.2), ("5s", 5), ("5m", 300), ("2h", 7200), ("1.5s", 1.5), ("1d", 86400)]
)
def test_durations_are_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)
    assert parse_duration(show_duration(seconds)) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "5 sec", "-5s", "s", "5s5m", "1e3s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unit"):
        parse_duration(text)


SECRET = "whsec_" + "c2VjcmV0" * 5


def test_a_webhook_is_read_with_its_secret_from_a_file_or_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme.secret").write_text(f"{SECRET}\n", "utf-8")
    monkeypatch.setenv("VARDBRO_NOTIFICATIONS__WEBHOOK_SECRET", "x" * 24)
    config = load_config(
        written(
            tmp_path,
            f"""
            [senders.acme]
            webhook = "https://acme.example/vardbro"
            webhook_secret_file = "{tmp_path}/acme.secret"
            [notifications]
            webhook = "http://127.0.0.1:9000/"
            """,
        )
    )
    acme = config.senders["acme"].hook("senders.acme")
    operators = config.notifications.hook("notifications")
    assert acme is not None
    assert operators is not None
    assert (acme.url, acme.key) == ("https://acme.example/vardbro", b"secret" * 5)
    assert operators.key == b"x" * 24
    assert SECRET not in repr(config)


def test_without_a_webhook_there_is_no_hook() -> None:
    assert Config().notifications.hook("notifications") is None


@pytest.mark.parametrize(
    "url", ["http://acme.example/", "ftp://x/", "acme.example", "https://u:p@acme.example/"]
)
def test_a_webhook_to_an_unsafe_address_is_refused_without_quoting_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_config(written(tmp_path, f'[senders.acme]\nwebhook = "{url}"\n'))
    assert "senders.acme.webhook" in str(refused.value)
    assert url not in str(refused.value)


def test_a_webhook_without_a_secret_names_the_key_and_the_variable() -> None:
    config = Config(senders={"acme": {"webhook": "https://acme.example/"}})
    with pytest.raises(ConfigurationError, match=r"senders\.acme\.webhook has no secret") as refused:
        config.senders["acme"].hook("senders.acme")
    assert "VARDBRO_SENDERS__ACME__WEBHOOK_SECRET" in refused.value.hint


def test_a_short_secret_is_refused_and_not_quoted() -> None:
    config = Config(notifications={"webhook": "https://ops.example/", "webhook_secret": "x" * 23})
    with pytest.raises(ConfigurationError, match="24 bytes") as refused:
        config.notifications.hook("notifications")
    assert "x" * 23 not in f"{refused.value} {refused.value.hint}"
