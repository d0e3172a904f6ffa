"""What is ready to be copied works where it can be tried, and says what it must say where it cannot."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from avow.settings import SETTINGS, Settings
from avow.web.connections import Bounds
from tests.docs.pages import page
from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "systemd/avow.service").read_text()
NGINX = (DEPLOY / "proxy/nginx.conf").read_text()
CADDY = (DEPLOY / "proxy/Caddyfile").read_text()
CONTAINER = (DEPLOY / "container/Containerfile").read_text()


def test_the_settings_file_of_the_unit_is_one(tmp_path: Path) -> None:
    chosen = Settings.from_environment({}, str(DEPLOY / "systemd/avow.toml"))
    assert (str(chosen.data), chosen.metrics_port, chosen.exempt_addresses) == ("/var/lib/avow/data", 9464, ())
    assert [str(one) for one in chosen.trusted_proxies] == ["127.0.0.1/32", "::1/128"]


def test_the_unit_is_understood_by_systemd_and_lets_little_through(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        assert re.search(r"^ExecStart=/opt/avow/bin/avow serve --config /etc/avow/avow\.toml$", UNIT, re.MULTILINE)
        return
    unit = tmp_path / "avow.service"  # with a program and a user that are on every machine
    unit.write_text(
        re.sub(r"^(User|Group)=.*", r"\1=root", UNIT.replace("/opt/avow/bin/avow", "/bin/true"), flags=re.M)
    )
    checked = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    command = [program, "security", "--offline=true", "--no-pager", "--threshold=20", str(unit)]
    exposed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert exposed.returncode == 0, exposed.stdout[-300:]


def test_the_unit_waits_longer_than_the_server_takes() -> None:
    wait = re.search(r"^TimeoutStopSec=(\d+)s$", UNIT, re.MULTILINE)
    assert wait is not None
    assert int(wait[1]) > Bounds().leave_seconds + 2


def test_the_unit_serves_what_the_guide_installs() -> None:
    guide = page("docs/how-to/run-with-systemd.md")
    for path in ("/opt/avow/bin", "/etc/avow/avow.toml", "/var/lib/avow"):
        assert path in UNIT
        assert path in guide


# The container.


def test_the_container_runs_as_nobody_in_particular_and_is_asked_whether_it_lives() -> None:
    stages = CONTAINER.split("\nFROM ")
    last = stages[-1]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\\\n    CMD \[.*/healthz.*\]$", last, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["avow"\]$', last, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in last
    # `avow init` makes a new directory, and a volume is there already.
    assert "AVOW_DATA=/var/lib/avow/data " in last
    assert "VOLUME /var/lib/avow\n" in last
    assert "--require-hashes" in stages[1]
    images = re.findall(r"^FROM (\S+)", CONTAINER, re.MULTILINE)
    assert all(re.fullmatch(r"python:3\.\d+-slim-\w+", image) for image in images), (
        "no registry, and Debian's slim Python"
    )


def test_what_the_container_is_built_from_is_there_and_let_in() -> None:
    ignored = (DEPLOY / "container/Containerfile.dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINER, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists()
            assert f"!{name.removeprefix('./')}" in ignored


def test_variables_named_in_deployment_are_settings() -> None:
    known = {setting.variable for setting in SETTINGS} | {"AVOW_CONFIG"}
    for file in sorted(DEPLOY.rglob("*")):
        if file.is_file():
            assert set(re.findall(r"\bAVOW_[A-Z_]+\b", file.read_text())) <= known, file


def test_the_composed_container_has_nothing_it_does_not_need() -> None:
    composed = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text())
    [service] = composed["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert [one.split(":")[1] for one in service["volumes"]] == ["/var/lib/avow"]
    assert int(service["stop_grace_period"].removesuffix("s")) > Bounds().leave_seconds + 2
    context = (DEPLOY / "container" / service["build"]["context"]).resolve()
    assert (context / service["build"]["dockerfile"]).is_file()


# The proxies.


def blocks(text: str) -> list[str]:
    """Every directive of a configuration in braces, and that the braces close."""
    bare = re.sub(r"'[^'\n]*'", "''", re.sub(r"#.*", "", text))
    assert bare.count("{") == bare.count("}")
    return [" ".join(one.split()) for one in re.split(r"[;{}\n]", bare) if one.strip()]


def test_nginx_understands_its_configuration(tmp_path: Path) -> None:
    program = shutil.which("nginx")
    if program is None or shutil.which("openssl") is None:
        ends = [line.rstrip() for line in re.sub(r"#.*", "", NGINX).splitlines() if line.strip()]
        assert all(line.endswith((";", "{", "}", "'")) or line.startswith("log_format") for line in ends)
        return
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=avow", "-days", "1"]
    files = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    subprocess.run([*certificate, *files], capture_output=True, check=True)
    here = NGINX.replace("/etc/ssl/avow", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "avow.conf").write_text(here)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include {tmp_path}/avow.conf; }}")
    done = subprocess.run(
        [program, "-t", "-c", str(whole), "-p", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_caddy_understands_its_configuration() -> None:
    program = shutil.which("caddy")
    if program is None:
        assert all(not line.startswith(" ") for line in CADDY.splitlines()), "a Caddyfile is indented by tabs"
        return
    command = [program, "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "proxy/Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_proxies_keep_to_avows_bounds() -> None:
    bounds = Bounds()
    assert "client_max_body_size 64k" in blocks(NGINX)
    assert "max_size 64KB" in blocks(CADDY)
    assert bounds.body_bytes == 64 * 1024
    for text, written in ((NGINX, r"keepalive_timeout (\d+)s"), (CADDY, r"keepalive (\d+)s")):
        found = re.search(written, text)
        assert found is not None
        assert int(found[1]) < bounds.idle_seconds, "the proxy is the one who closes"


def test_the_proxies_buffer_no_answer_and_say_who_asks() -> None:
    for wanted in ("proxy_buffering off", "proxy_request_buffering on", "proxy_set_header X-Request-Id $request_id"):
        assert wanted in blocks(NGINX)
    assert "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for" in blocks(NGINX)
    for wanted in ("flush_interval -1", "header_up X-Request-Id"):
        assert any(one.startswith(wanted) for one in blocks(CADDY))


def test_the_proxies_say_that_the_browser_speaks_tls() -> None:
    assert "proxy_set_header X-Forwarded-Proto $scheme" in blocks(NGINX)
    # Caddy sets it by itself, unless it is told otherwise or a stranger is believed.
    assert not [one for one in blocks(CADDY) if re.search(r"X-Forwarded|trusted_proxies", one)]


def test_the_proxies_log_no_path_no_query_and_no_address() -> None:
    logged = NGINX.partition("log_format")[2].partition(";")[0]
    assert not re.search(r"\$(request\b|request_uri|uri|args|query_string|remote_addr|http_)", logged)
    for field in ("uri", "headers", "remote_ip", "client_ip"):
        assert f"request>{field} delete" in blocks(CADDY)


@pytest.mark.parametrize(("text", "language"), [(NGINX, "nginx"), (CADDY, "caddyfile")])
def test_what_the_guide_shows_of_a_file_stands_in_it(text: str, language: str) -> None:
    guide = page("docs/how-to/run-behind-a-proxy.md")
    shown = guide.partition(f"```{language}\n")[2].partition("```")[0]
    assert shown
    assert set(blocks(shown)) <= set(blocks(text))
