"""What pages load: vendored as it was published, under names that change with the content, within bounds."""

from __future__ import annotations

import gzip
import hashlib
import re

import pytest

from avow.admin.frame import files, icons
from tests.house.tree import ROOT, texts
from tests.support.front_desk import FrontDesk

VENDORED = {
    "src/avow/admin/static/vendor": files.HTMX,
    "tests/support/vendor": "axe-4.14.1.min.js",
}


@pytest.mark.parametrize("folder", VENDORED)
def test_what_is_vendored_is_as_it_was_published_with_its_licence(folder: str) -> None:
    name = VENDORED[folder]
    digest = hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest()
    assert f"`{name}`" in texts()[f"{folder}/README.md"]
    assert f"`{digest}`" in texts()[f"{folder}/README.md"]
    licence = re.search(r"`(\w+-LICENSE\.txt)`", texts()[f"{folder}/README.md"])
    assert licence
    assert (ROOT / folder / licence[1]).exists()


@pytest.mark.parametrize("name", ["app.css", "app.js", "htmx.js", "icon.svg"])
async def test_a_file_is_kept_for_ever_under_its_own_name(desk: FrontDesk, name: str) -> None:
    shown = await desk.stranger().get(files.address(name))
    assert shown.status == 200
    assert "immutable" in shown.headers["cache-control"]
    other = await desk.stranger().get(f"/app/static/0123456789abcdef/{name}")
    assert other.headers["cache-control"] == "no-store"
    assert other.text == shown.text


def test_all_that_a_page_loads_is_small() -> None:
    sizes = {name: len(gzip.compress(one.body)) for name, one in files._FILES.items()}
    assert sum(sizes.values()) < 40_000, sizes


def test_every_style_and_script_that_is_there_is_loaded() -> None:
    for folder, names, ending in (("css", files.STYLES, "css"), ("js", files.SCRIPTS, "js")):
        assert {path.stem for path in (files.STATIC / folder).glob(f"*.{ending}")} == set(names)


def test_colours_and_sizes_are_named_in_one_place() -> None:
    """Whoever writes a colour anywhere else leaves the dark page with it."""
    for name in files.STYLES:
        if name == "tokens":
            continue
        text = (files.STATIC / "css" / f"{name}.css").read_text()
        found = re.findall(r"(?<![\w-])#[0-9a-f]{3,8}\b", re.sub(r"light-dark\([^)]*\)", "", text))
        assert set(found) <= {"#ffffff", "#f5f5f8"}, f"{name}.css: {found}"


def test_every_picture_that_is_asked_for_is_drawn() -> None:
    asked = set()
    for path in (ROOT / "src/avow/admin/templates").rglob("*.html"):
        asked |= set(re.findall(r'icon\("(\w+)"', path.read_text()))
    assert asked <= set(icons.every())


def test_templates_carry_no_style_and_no_script_of_their_own() -> None:
    for path in (ROOT / "src/avow/admin/templates").rglob("*.html"):
        text = path.read_text()
        assert re.findall(r'\sstyle="|<style|<script(?! src)|\son(?:click|load|error|submit)=', text) == [], path.name
