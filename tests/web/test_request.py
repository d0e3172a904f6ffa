"""Reading a request under any server: bounds, early ends, kinds of body."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Message

from avow.errors import BadInput, TooLarge, UnsupportedMedia
from avow.web.request import ClientGone, Media, header, media_type, read_body, require_media


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "headers": list(headers)}


class Arriving:
    """A body that comes in parts."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)
        self.taken = 0

    async def __call__(self) -> Message:
        self.taken += 1
        return self._messages.pop(0)


def part(body: bytes, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


async def test_a_body_in_parts_is_put_together() -> None:
    assert await read_body(scope(), Arriving(part(b"ab"), part(b""), part(b"c", more=False))) == b"abc"


async def test_a_body_of_one_part_is_returned() -> None:
    assert await read_body(scope(), Arriving(part(b"abc", more=False)), limit=3) == b"abc"


@pytest.mark.parametrize(
    "parts", [[part(b"abcd", more=False)], [part(b"ab"), part(b"cd")], [part(b"ab"), part(b"cd", False)]]
)
async def test_a_body_beyond_the_limit_is_refused(parts: list[Message]) -> None:
    with pytest.raises(TooLarge, match="longer than 3 bytes"):
        await read_body(scope(), Arriving(*parts), limit=3)


async def test_reading_ends_where_the_limit_is_passed() -> None:
    arriving = Arriving(part(b"ab"), part(b"cd"), part(b"ef"))
    with pytest.raises(TooLarge):
        await read_body(scope(), arriving, limit=3)
    assert arriving.taken == 2


async def test_an_announced_length_beyond_the_limit_is_refused_without_reading_on() -> None:
    arriving = Arriving(part(b""), part(b"abcd", more=False))
    with pytest.raises(TooLarge):
        await read_body(scope((b"content-length", b"4")), arriving, limit=3)
    assert arriving.taken == 1


@pytest.mark.parametrize("messages", [[GONE], [part(b"ab"), GONE]])
async def test_a_body_that_breaks_off_is_never_returned(messages: list[Message]) -> None:
    with pytest.raises(ClientGone):
        await read_body(scope(), Arriving(*messages))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"application/json", Media.JSON),
        (b"Application/JSON ; Charset=UTF-8", Media.JSON),
        (b'application/json; charset="utf-8"', Media.JSON),
        (b"application/json; profile=x", Media.JSON),
        (b"application/x-www-form-urlencoded;charset=utf8", Media.FORM),
        (b"application/x-www-form-urlencoded", Media.FORM),
    ],
)
def test_the_kind_of_a_body_is_read(value: bytes, expected: Media) -> None:
    assert media_type(scope((b"content-type", value))) is expected


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"text/plain",
        b"multipart/form-data; boundary=x",
        b"application/xml",
        b"application/jsonp",
        b"application/json, text/plain",
        b"application/json; charset=utf-16",
        b"application/json; charset=utf-8; charset=latin1",
        b"application/x-www-form-urlencoded; charset=iso-8859-1",
        b"\xff",
    ],
)
def test_another_kind_or_encoding_is_refused(value: bytes) -> None:
    with pytest.raises(UnsupportedMedia):
        media_type(scope((b"content-type", value)))


def test_a_body_of_no_kind_is_refused() -> None:
    with pytest.raises(UnsupportedMedia, match="no Content-Type"):
        media_type(scope())


@pytest.mark.parametrize("kind", [None, b"text/plain", b"application/x-www-form-urlencoded", b"application/json"])
@pytest.mark.parametrize("taken", Media)
def test_who_sends_another_kind_is_told_the_one_that_is_taken(kind: bytes | None, taken: Media) -> None:
    asked = scope(*([] if kind is None else [(b"content-type", kind)]))
    if kind == taken.value.encode():
        require_media(asked, taken)
        return
    with pytest.raises(UnsupportedMedia) as caught:
        require_media(asked, taken)
    assert [one for one in Media if one in caught.value.message] == [taken]


@pytest.mark.parametrize("headers", [(), ((b"content-type", b"text/plain"),)])
def test_where_either_is_taken_both_are_told(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    with pytest.raises(UnsupportedMedia, match=r"application/json or application/x-www-form-urlencoded\."):
        media_type(scope(*headers))


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"GZIP", b"identity, gzip", b"x-unheard-of"])
async def test_a_compressed_body_is_refused_unread_and_its_encoding_named(encoding: bytes) -> None:
    arriving = Arriving(part(b"\x1f\x8b", more=False))
    with pytest.raises(UnsupportedMedia) as caught:
        await read_body(scope((b"content-encoding", encoding)), arriving)
    assert encoding.split()[-1].decode().lower() in caught.value.message
    assert "uncompressed" in caught.value.message
    assert (caught.value.field, arriving.taken) == ("content-encoding", 0)


@pytest.mark.parametrize("encoding", [b"identity", b"Identity", b" identity ", b"", b"identity, identity"])
async def test_a_body_that_is_said_to_be_uncompressed_is_read(encoding: bytes) -> None:
    read = await read_body(scope((b"content-encoding", encoding)), Arriving(part(b"abc", more=False)))
    assert read == b"abc"


async def test_an_encoding_that_is_no_word_is_not_repeated() -> None:
    with pytest.raises(UnsupportedMedia) as caught:
        await read_body(scope((b"content-encoding", b"<b>\xff" + b"x" * 99)), Arriving())
    assert "<b>" not in caught.value.message


def test_a_header_that_comes_twice_is_not_guessed_at() -> None:
    twice = scope((b"authorization", b"Bearer a"), (b"authorization", b"Bearer b"))
    with pytest.raises(BadInput, match="came 2 times") as caught:
        header(twice, b"authorization")
    assert (caught.value.code, caught.value.field) == ("duplicate_field", "authorization")
    with pytest.raises(BadInput):
        media_type(scope((b"content-type", b"application/json"), (b"content-type", b"text/plain")))
