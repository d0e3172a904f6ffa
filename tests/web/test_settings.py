"""What the operator may choose, and what is said about a wrong choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from avow.errors import UsageError
from avow.settings import SETTINGS, Settings, parse_master_key

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


def settings(environ: dict[str, str] | None = None, **overrides: Any) -> Settings:
    return Settings.from_environment(environ or {}, **overrides)


def test_nothing_chosen_is_sqlite_on_this_machine() -> None:
    chosen = settings()
    assert (chosen.host, chosen.port, chosen.workers) == ("127.0.0.1", 8000, 1)
    assert chosen.database_url == "sqlite:///avow-data/avow.db"
    assert settings({"AVOW_DATA": "100%25 a"}).sqlite_path == Path("100%25 a/avow.db")
    assert (chosen.is_sqlite, chosen.sqlite_path) == (True, Path("avow-data/avow.db"))
    assert chosen.rest_per_minute == 10_000
    assert chosen.trusted_proxies == ()


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_default() -> None:
    environ = {"AVOW_PORT": "9000", "AVOW_HOST": "0.0.0.0", "AVOW_DATA": ""}
    chosen = settings(environ, port=0, host=None)
    assert (chosen.port, chosen.host, chosen.data) == (0, "0.0.0.0", Path("avow-data"))


def test_the_database_is_in_the_data_directory_unless_said_otherwise(tmp_path: Path) -> None:
    assert settings(data=tmp_path).sqlite_path == tmp_path / "avow.db"
    assert settings({"AVOW_DATABASE_URL": "sqlite:////var/lib/a b.db"}).sqlite_path == Path("/var/lib/a b.db")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://olive:s3cret@db.acme.example:5433/avow", "postgresql://db.acme.example:5433/avow"),
        ("postgres://olive@db/avow?sslmode=require", "postgresql://db/avow"),
        ("postgresql:///avow?host=/run/postgresql", "postgresql:///avow"),
    ],
)
def test_both_names_of_postgresql_are_understood_and_the_password_is_not_shown(url: str, expected: str) -> None:
    chosen = settings(database_url=url, workers=4)
    assert chosen.database_url == url.replace("postgres://", "postgresql://")
    assert (chosen.is_sqlite, chosen.sqlite_path, chosen.workers) == (False, None, 4)
    assert chosen.database_name == expected
    assert "s3cret" not in repr(chosen)


def test_sqlite_with_several_workers_is_refused_and_the_way_out_named() -> None:
    with pytest.raises(
        UsageError, match=r"AVOW_WORKERS \(--workers\) is 2, but SQLite has one writer; use 1, or a Postgre"
    ):
        settings(workers=2)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"AVOW_PORT": "http"},
            "AVOW_PORT is 'http', which is not as expected: it must be a whole number from 0 to 65535.",
        ),
        ({"AVOW_PORT": "65536"}, "from 0 to 65535"),
        ({"AVOW_PORT": "-1"}, "from 0 to 65535"),
        ({"AVOW_PORT": "8_000"}, "from 0 to 65535"),
        ({"AVOW_PORT": "٣"}, "from 0 to 65535"),
        ({"AVOW_WORKERS": "0"}, "from 1 to 256"),
        ({"AVOW_HOST": "a b"}, "AVOW_HOST is 'a b'"),
        ({"AVOW_DATA": "a\0b"}, "path of a directory"),
        ({"AVOW_DATA": "~nobody-has-this-name/a"}, "the home of a user"),
        ({"AVOW_CONFIG": "~nobody-has-this-name/a"}, "the home of a user"),
        ({"AVOW_TRUSTED_PROXIES": "10.0.0.1/8"}, "AVOW_TRUSTED_PROXIES is '10.0.0.1/8'"),
        ({"AVOW_TRUSTED_PROXIES": "proxy.acme.example"}, "such as 10.0.0.0/8"),
        ({"AVOW_REST_PER_MINUTE": "0"}, "AVOW_REST_PER_MINUTE"),
        ({"AVOW_LOG_LEVEL": "loud"}, "it must be debug, info, warning or error"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_found_and_expected(environ: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings(environ)
    assert message in caught.value.message
    assert caught.value.field is not None


def test_a_wrong_flag_is_named_as_the_flag() -> None:
    with pytest.raises(UsageError, match=r"^--port is 'x'"):
        settings({"AVOW_PORT": "9000"}, port="x")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://olive:s3cret@db/avow",
        "postgresql://olive:s3cret@db",
        "postgresql://olive:s3cret@db:port/avow",
        "postgres//s3cret",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:s3cret.db",
        "sqlite:///s3cret.db?mode=memory",
        "postgresql://olive:s3 cret@db/avow",
    ],
)
def test_a_wrong_database_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError, match=r"^AVOW_DATABASE_URL is not as expected: it must be") as caught:
        settings({"AVOW_DATABASE_URL": url})
    assert "cret" not in caught.value.message


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UsageError, match=r"it must be a directory, or nothing yet"):
        settings(data=file)


def test_a_master_key_is_32_bytes_in_either_writing_and_never_shown() -> None:
    expected = bytes.fromhex(KEY)
    for written in (
        KEY,
        KEY.upper(),
        f" {KEY}\n",
        "Dx4tPEtaaXiHlqW0w9Lh8A8eLTxLWml4h5altMPS4fA=",
        "Dx4tPEtaaXiHlqW0w9Lh8A8eLTxLWml4h5altMPS4fA",
    ):
        assert parse_master_key(written).value == expected
    chosen = settings({"AVOW_MASTER_KEY": KEY})
    assert chosen.master_key is not None
    assert chosen.master_key.value == expected
    assert KEY not in repr(chosen) + repr(chosen.master_key)
    assert settings().master_key is None


@pytest.mark.parametrize("key", [KEY[:-1], KEY[:-2], KEY + "00", "password", "0" * 64, "möwe", "=" * 44, "ab" * 32])
def test_a_wrong_master_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(UsageError, match=r"^AVOW_MASTER_KEY is not as expected: it must be") as caught:
        settings({"AVOW_MASTER_KEY": key})
    assert key not in caught.value.message


def test_proxies_are_addresses_and_networks() -> None:
    chosen = settings({"AVOW_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7 2001:db8::/32"})
    assert [str(one) for one in chosen.trusted_proxies] == ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]
    assert settings({"AVOW_EXEMPT_ADDRESSES": "none"}).exempt_addresses == ()


def test_a_setting_that_does_not_exist_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="prot"):
        settings(prot=1)


def test_the_table_describes_every_setting_once_and_fits_its_names() -> None:
    assert [one.name for one in SETTINGS] == list(Settings.__struct_fields__)
    for one in SETTINGS:
        assert one.variable.startswith("AVOW_")
        assert one.flag is None or one.flag.startswith("--")
        assert one.description.endswith(".")
        one.parse(one.default)
    assert [one.name for one in SETTINGS if one.flag is None] == ["master_key"]
