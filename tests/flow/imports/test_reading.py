"""A file becomes records, each with its line and its end, whatever it holds and however it is cut into blocks."""

from __future__ import annotations

import itertools
import random

import pytest

from avow.flow.imports.reading import MAX_RECORD, CsvRecords, JsonRecords, Record, delimiter_of
from avow.flow.imports.reading.records import Records


def read(reader: Records, content: bytes, *sizes: int) -> list[Record]:
    """The records of a file that comes in blocks of these sizes, the rest in one."""
    found: list[Record] = []
    for size in sizes:
        found += reader.feed(content[:size], final=False)
        content = content[size:]
    return found + reader.feed(content, final=True)


def cells(content: bytes, delimiter: str = ",") -> list[tuple[int, list[str] | str]]:
    """(line, cells or the code of the fault) of each record."""
    records = read(CsvRecords(delimiter), content)
    return [(one.line, one.fault.code if one.fault else one.cells or []) for one in records]


def test_lines_may_end_in_any_way_and_differ_in_it() -> None:
    assert cells(b"a,b\r\nc,d\ne,f\rg,h") == [(1, ["a", "b"]), (2, ["c", "d"]), (3, ["e", "f"]), (4, ["g", "h"])]


def test_blank_lines_are_counted_and_no_records() -> None:
    assert cells(b"a\n\n  \nb\n") == [(1, ["a"]), (4, ["b"])]


def test_quotes_hold_delimiters_quotes_and_line_ends() -> None:
    content = b'a,"b, ""c""\nd",e\nf,"",g\n'
    assert cells(content) == [(1, ["a", 'b, "c"\nd', "e"]), (3, ["f", "", "g"])]


def test_a_quote_within_a_cell_is_a_letter() -> None:
    assert cells(b'5" pipe,"x"\nb,c\n') == [(1, ['5" pipe', "x"]), (2, ["b", "c"])]


BAD_LINES = {
    "latin-1": b"caf\xe9,x",
    "overlong UTF-8": b"\xc0\xaf,x",
    "a surrogate in UTF-8": b"\xed\xa0\x80,x",
    "NUL": b"a\0b,x",
    "NUL in quotes": b'"a\0b",x',
    "bad UTF-8 in quotes": b'"caf\xe9",x',
    "text after a closing quote": b'"a" b,x',
    "too long": b"x" * (MAX_RECORD + 1),
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_is_at_fault_by_itself(line: bytes) -> None:
    found = cells(b"a,b\n" + line + b"\nc,d\n")
    assert found[0] == (1, ["a", "b"])
    assert found[1][0] == 2
    assert isinstance(found[1][1], str)
    assert found[2:] == [(3, ["c", "d"])]


def test_a_quote_that_never_closes_costs_its_own_line() -> None:
    content = b'a,b\n"oops,x\n' + b"".join(b"u%d,x\n" % number for number in range(600))
    found = cells(content)
    assert found[:3] == [(1, ["a", "b"]), (2, "bad_request"), (3, ["u0", "x"])]
    assert len(found) == 602


def test_what_stands_between_quotes_is_never_read_as_a_row() -> None:
    """Mallory's name may hold what looks like somebody else's row."""
    content = b'id,name\n1,"Mallory\n2,""Admin""\n3,x"\n4,Alice\n'
    assert [line for line, _ in cells(content)] == [1, 2, 5]


def test_lines_that_all_toggle_quotes_are_read_in_bounded_time() -> None:
    found = cells(b'x","y\n' * 4_000)
    assert found == [(line, "bad_request") for line in range(1, 4_001)]


def test_a_record_ends_where_the_next_one_begins() -> None:
    content = b'a,"b\nc"\r\nd,e\n\nf,"g"'
    records = read(CsvRecords(","), content)
    assert [(one.end, one.ended_by) for one in records] == [(9, 2), (13, 3), (19, 5)]
    for one, following in itertools.pairwise(records):
        again = read(CsvRecords(",", one.end, one.ended_by), content[one.end :])
        assert again[0] == following


@pytest.mark.parametrize("seed", range(20))
def test_blocks_may_be_cut_anywhere(seed: int) -> None:
    dice = random.Random(seed)
    pieces = [b"a,b", b'"x\n', b'"', b"\r", b"\n", b"\r\n", b'""', b",", b"caf\xe9", b'"q, r",s', b"\xc3\xa9"]
    content = b"".join(dice.choice(pieces) for _ in range(200))
    whole = read(CsvRecords(","), content)
    assert read(CsvRecords(","), content, *(dice.randrange(1, 9) for _ in range(300))) == whole
    assert [one.end for one in whole] == sorted(one.end for one in whole)


def test_giant_lines_are_passed_over_in_bounded_memory() -> None:
    reader = CsvRecords(",")
    found = [one for _ in range(100) for one in reader.feed(b"y" * 65_536, final=False)]
    assert found == []
    (one,) = reader.feed(b"", final=True)
    assert one.fault is not None
    assert (one.fault.code, one.end) == ("request_too_large", 100 * 65_536)


HEADERS = {b"a,b;c": ",", b"a;b": ";", b"a\tb": "\t", b"alone": ",", b'"a;b",c': ",", b'"x,y";z': ";"}


@pytest.mark.parametrize("header", HEADERS, ids=repr)
def test_the_header_tells_what_separates_cells(header: bytes) -> None:
    assert delimiter_of(header) == HEADERS[header]


BAD_JSON = {
    "no JSON": (b"{", "bad_request"),
    "a list": (b"[1]", "bad_request"),
    "a name twice": (b'{"a":1,"a":2}', "duplicate_field"),
    "NaN": (b'{"a":NaN}', "bad_request"),
    "a lone surrogate": (b'{"a":"\\ud800"}', "bad_request"),
    "NUL": (b'{"a":"\\u0000"}', "bad_request"),
    "too deep": (b'{"a":' + b"[" * 9 + b"]" * 9 + b"}", "bad_request"),
    "no UTF-8": (b'{"a":"\xff"}', "bad_request"),
    "too long": (b'{"a":"' + b"x" * MAX_RECORD + b'"}', "request_too_large"),
    "two values": (b'{"a":1} {"b":2}', "bad_request"),
}


@pytest.mark.parametrize(("line", "code"), BAD_JSON.values(), ids=BAD_JSON.keys())
def test_a_bad_line_of_json_is_at_fault_by_itself(line: bytes, code: str) -> None:
    first, bad, last = read(JsonRecords(), b'{"a":1}\n' + line + b'\r\n\n{"b":2}')
    assert (first.line, first.members) == (1, {"a": 1})
    assert bad.fault is not None
    assert (bad.line, bad.fault.code) == (2, code)
    assert (last.line, last.members) == (4, {"b": 2})
