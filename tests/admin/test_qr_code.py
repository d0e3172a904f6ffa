"""A picture for an authenticator's camera says what the link beside it says, module by module."""

from __future__ import annotations

import re
from html import unescape

import pytest
import segno

from avow.admin.frame.qr_code import QUIET, QrCode, qr_code
from tests.support.front_desk import FrontDesk

RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def dark(code: QrCode) -> set[tuple[int, int]]:
    """The modules that a path fills, as x and y."""
    runs = [tuple(map(int, run.groups())) for run in RUN.finditer(code.path)]
    assert RUN.sub("", code.path) == ""
    assert all(there == back for _, _, there, back in runs)
    return {(x + step, y) for x, y, there, _ in runs for step in range(there)}


def expected(text: str) -> set[tuple[int, int]]:
    rows = segno.make_qr(text, error="m", encoding="utf-8").matrix
    return {(x + QUIET, y + QUIET) for y, row in enumerate(rows) for x, one in enumerate(row) if one}


@pytest.mark.parametrize("text", ["A", "otpauth://totp/Acme?secret=" + "A" * 32, "ünï" * 90, "%" * 900])
def test_a_picture_is_the_code_of_its_text_with_quiet_around_it(text: str) -> None:
    code = qr_code(text)
    assert code is not None
    assert dark(code) == expected(text)
    assert {x for x, _ in dark(code)} == set(range(QUIET, code.size - QUIET))


@pytest.mark.parametrize("length", [1_500, 50_000])
def test_what_is_too_long_to_be_read_by_a_camera_is_not_drawn(length: int) -> None:
    assert qr_code("%" * length) is None


def test_a_picture_that_says_a_secret_is_not_told_by_accident() -> None:
    assert repr(qr_code("secret")) == "QrCode(...)"


async def test_the_picture_on_the_page_says_what_its_link_says(desk: FrontDesk) -> None:
    shown = (await desk.post("/app/account/second-factor", do="begin")).text
    link = re.search(r'href="(otpauth://totp/[^"]+)"', shown)
    picture = re.search(r'viewBox="0 0 (\d+) \1"[^>]*>.*?fill="#000" d="([^"]+)"', shown)
    assert link
    assert picture
    assert dark(QrCode(int(picture[1]), picture[2])) == expected(unescape(link[1]))
    assert re.search(r'id="secret"[^>]*>([A-Z2-7]+)<', shown)[1] in link[1]  # type: ignore[index]


async def test_a_company_with_the_longest_name_there_is_can_set_a_device_up(desk: FrontDesk) -> None:
    fields = {"name": "企" * 100, "seen_name": "Acme", "timezone": "UTC", "seen_timezone": "UTC"}
    named = await desk.follow(
        await desk.post("/settings/workspaces/describe", workspace=desk.office.workspace_id, **fields)
    )
    assert "企" * 100 in named.words
    shown = await desk.post("/app/account/second-factor", do="begin")
    assert shown.status == 200
    assert 'id="secret"' in shown.text
