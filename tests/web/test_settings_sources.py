"""A setting may be said by flag, in the environment or in a file; what is said wrongly is refused by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from avow.errors import UsageError
from avow.settings import Place, Settings

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "avow.toml"


def refused(file: Path, text: str, environ: dict[str, str] | None = None) -> str:
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        Settings.from_environment(environ or {}, str(file))
    return caught.value.message


def test_a_flag_wins_over_the_environment_this_over_the_file_this_over_the_default(file: Path) -> None:
    file.write_text('port = 1\nhost = "::"\nworkers = 1\nlog_level = "debug"\n')
    chosen, found = Settings.with_origins({"AVOW_PORT": "2", "AVOW_HOST": "0.0.0.0"}, str(file), port="3")
    assert (chosen.port, chosen.host, chosen.log_level, chosen.connections) == (3, "0.0.0.0", "debug", 4096)
    assert [found[name].place for name in ("port", "host", "log_level", "connections")] == list(Place)
    assert found["host"].given == "AVOW_HOST"
    assert found["log_level"].given == f"log_level in {file}"


def test_the_environment_may_name_the_file_and_a_flag_another(file: Path, tmp_path: Path) -> None:
    file.write_text("port = 1\n")
    other = tmp_path / "other.toml"
    other.write_text("port = 2\n")
    assert Settings.from_environment({"AVOW_CONFIG": str(file)}).port == 1
    assert Settings.from_environment({"AVOW_CONFIG": str(file)}, str(other)).port == 2


def test_toml_says_numbers_and_lists_in_its_own_way(file: Path) -> None:
    file.write_text('port = 0\ntraces_share = 0.25\ntrusted_proxies = ["10.0.0.0/8", "::1"]\nmetrics_port = 9464\n')
    chosen = Settings.from_environment({}, str(file))
    assert (chosen.port, chosen.traces_share, len(chosen.trusted_proxies), chosen.metrics_port) == (0, 0.25, 2, 9464)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "there is no setting 'prot' (did you mean port?)."),
        ("PORT = 1", "there is no setting 'PORT' (did you mean port?)."),
        ("qqqqqqqq = 1", "there is no setting 'qqqqqqqq'."),
        ("[server]\nport = 1", "there is no setting 'server'"),
        ("port = 'http'", "is 'http', which is not as expected: it must be a whole number from 0 to 65535."),
        ("port = true", "port is true or false; expected a text, a number or a list of texts."),
        ("port = {a = 1}", "port is a table; expected"),
        ("port = 1979-05-27", "port is a date; expected"),
        ("port = [1]", "port is a list of other things than texts; expected"),
        ("port = -1", "it must be a whole number"),
        ("port = nan", "it must be a whole number"),
        ("port = ?", "is not TOML (at line 1, column 8); expected lines such as: port = 8000"),
        ("port = 1\nport = 2", "is not TOML"),
        ("a = " + "[" * 5000, "is not TOML"),
        ("# " + "x" * 70_000, "is larger than 65536 bytes"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_was_found_and_expected(file: Path, text: str, message: str) -> None:
    told = refused(file, text)
    assert message in told
    assert file.name in told


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\x00"])
def test_a_file_of_other_bytes_is_no_toml(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    with pytest.raises(UsageError, match="is not TOML"):
        Settings.from_environment({}, str(file))


def test_a_file_that_is_not_there_is_named_with_what_named_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--config: .*gone.toml cannot be read \(No such file"):
        Settings.from_environment({}, str(tmp_path / "gone.toml"))
    with pytest.raises(UsageError, match=r"^AVOW_CONFIG: .* cannot be read \(Is a directory"):
        Settings.from_environment({"AVOW_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("text", [f'master_key = "{KEY}"', 'database_url = "postgresql://avow:s3cret@db/avow"'])
def test_a_file_with_a_secret_may_not_be_read_by_everybody(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o644)
    with pytest.raises(UsageError, match=r"may be read by every user; run: chmod o-rwx") as caught:
        Settings.from_environment({}, str(file))
    assert "s3cret" not in caught.value.message
    assert KEY not in caught.value.message
    file.chmod(0o640)
    assert Settings.from_environment({}, str(file))


@pytest.mark.parametrize("text", [f'master_key = "{KEY}', 'database_url = "mysql://avow:s3cret@db/avow"'])
def test_a_wrong_secret_in_a_file_is_refused_without_repeating_it(file: Path, text: str) -> None:
    file.touch(0o600)
    told = refused(file, text)
    assert "s3cret" not in told
    assert KEY not in told


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("AVOW_PROT", " (did you mean AVOW_PORT?)"),
        ("AVOW_TRUSTED_PROXY", " (did you mean AVOW_TRUSTED_PROXIES?)"),
        ("AVOW_MASTERKEY", ""),  # no secret is led to where another one belongs
        ("AVOW_DATABASE", ""),
        ("AVOW_SIGNING_KEYS", ""),
        ("AVOW_SIGNING_KEY", ": it is AVOW_SIGNING_SECRET now"),
        ("AVOW_SECRET", ": it is AVOW_SIGNING_SECRET now"),
        ("AVOW_QQQQQ_ZZZZZ", ""),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_nearest_right_one(name: str, nearest: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_environment({name: "s3cret"})
    assert f"{name} is set, but there is no such setting{nearest}." in caught.value.message
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    "name", ["AVOW_CONFIG", "AVOW_SIGNING_SECRET", "AVOW_SERVICE_HOST", "AVOW_PORT_8000_TCP", "PATH"]
)
def test_variables_that_are_read_elsewhere_are_left_alone(name: str) -> None:
    assert Settings.from_environment({name: ""}).port == 8000


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"AVOW_TRACES_ENDPOINT": "http://olive:s3cret@collector/v1/traces"}, "without user and password"),
        ({"AVOW_TRACES_ENDPOINT": "collector:4318"}, "it must be http://host:port/path"),
        ({"AVOW_TRACES_SHARE": "2"}, "from 0 (none) to 1 (all)"),
        ({"AVOW_LOG_FORMAT": "xml"}, "it must be json or text"),
        ({"AVOW_METRICS_PORT": "http"}, "from 0 to 65535"),
        ({"AVOW_SLOW_MILLISECONDS": "0"}, "from 1 to 3600000"),
    ],
)
def test_wrong_choices_of_what_is_observed_are_refused(environ: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_environment(environ)
    assert message in caught.value.message


def test_metrics_and_traces_are_off_unless_asked_for() -> None:
    chosen = Settings.from_environment({})
    assert (chosen.metrics_port, chosen.metrics_host, chosen.traces_endpoint) == (None, "127.0.0.1", "")
