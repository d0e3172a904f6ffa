"""Which page is at an address? One of the documentation, the API's reference, a picture, or that there is none.

Of reasons there are many, and links to them come from far: a code that is not there is answered with those that are.
"""

from __future__ import annotations

from typing import Final

from avow.manual import addresses, markdown, shelf
from avow.manual.reading import reference
from avow.manual.reading.rendering import ICON, address_of_stylesheet, icon, page, picture, stylesheet
from avow.manual.serving import Piece

NOTHING: Final = "nothing"
NO_REASON: Final = "no reason"
OF_REASONS: Final = "reasons/"


def key_of(rest: str) -> str:
    """By which name what is at `/docs/<rest>` is kept: one of a fixed set, whatever is asked for."""
    address = addresses.ROOT + rest
    if address in (addresses.API, address_of_stylesheet(), f"{addresses.ROOT}static/{ICON}"):
        return address
    name = addresses.name_at(rest)
    if name is None:
        return NO_REASON if rest.startswith(OF_REASONS) else NOTHING
    return name


def made(key: str) -> Piece:
    """What is kept under this name."""
    if key == addresses.API:
        return reference.page_of_api()
    if key == address_of_stylesheet():
        return stylesheet()
    if key == f"{addresses.ROOT}static/{ICON}":
        return icon()
    if key in (NOTHING, NO_REASON):
        codes = shelf.reasons() if key == NO_REASON else ()
        return page("nothing.html", "There is nothing here", "", status=404, codes=codes)
    if key.endswith(".svg"):
        return picture((shelf.folder() / key).read_bytes())
    source, here = shelf.text(key), addresses.address_of(key)
    return page("page.html", markdown.title_of(source), here, content=markdown.rendered(source, key))
