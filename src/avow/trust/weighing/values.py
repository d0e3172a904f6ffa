"""Whether a value fits its attribute's type (D4): coerced when nothing is lost, refused otherwise.

- `null` and `""` clear every type. The text `"null"` is text.
- `"42"` fits an integer, `"1712345678"` and `"31/12/2025"` a date, `42` a string; a fraction never fits an integer
  or a date.
- A number of seconds that can only be milliseconds is refused: a date thousands of years away is nobody's signing-up.

Source: spec §2; the day-month-year form is Intercom's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Final

from avow.trust.attribute import Attribute, AttributeType
from avow.trust.contact import Scalar
from avow.trust.reasons import Reason

MAX_STRING: Final = 255
MAX_ADDRESS: Final = 2048
MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**63 - 1
EXACT_IN_FLOAT: Final = 2**53
FIRST_DATE: Final = -62_135_596_800
LAST_DATE: Final = 99_999_999_999
_INTEGER_TEXT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,18})\Z")
_NUMBER_TEXT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?\Z")
_DAY_TEXT: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})\Z")
_UNIX_DAY_ZERO: Final = date(1970, 1, 1).toordinal()


class Unfit(Exception):
    """The value does not fit; `reason` says how."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def coerce(attribute: Attribute, raw_value: object) -> Scalar:
    """The value as this attribute keeps it, or None for a clear. Raises `Unfit`."""
    if raw_value is None or raw_value == "":
        return None
    return _COERCIONS[attribute.type](raw_value, attribute)


def infer_type(name: str, raw_value: object) -> AttributeType:
    """The type a new attribute gets from its first value. Raises `Unfit` for what no attribute can hold."""
    if name.endswith("_at"):
        try:
            _date(raw_value, None)
        except Unfit:
            pass
        else:
            return AttributeType.DATE
    if isinstance(raw_value, bool):
        return AttributeType.BOOLEAN
    if isinstance(raw_value, int):
        return AttributeType.INTEGER
    if isinstance(raw_value, float):
        return AttributeType.FLOAT
    if isinstance(raw_value, str):
        return AttributeType.STRING
    raise Unfit(Reason.TYPE_MISMATCH)


def _text(raw_value: object) -> str:
    if isinstance(raw_value, str):
        return raw_value
    if isinstance(raw_value, bool):
        return "true" if raw_value else "false"
    if isinstance(raw_value, int) and MIN_INTEGER <= raw_value <= MAX_INTEGER:
        return str(raw_value)
    if isinstance(raw_value, float) and math.isfinite(raw_value):
        return repr(raw_value)
    raise Unfit(Reason.TYPE_MISMATCH)


def _string(raw_value: object, _: Attribute | None) -> str:
    text = raw_value if type(raw_value) is str else _text(raw_value)
    if len(text) > MAX_STRING:
        raise Unfit(Reason.TOO_LONG)
    return text


def _integer(raw_value: object, _: Attribute | None) -> int:
    number = raw_value
    if isinstance(raw_value, str):
        number = int(raw_value) if _INTEGER_TEXT.match(raw_value) else None
    elif isinstance(raw_value, float):
        exact = raw_value.is_integer() and abs(raw_value) <= EXACT_IN_FLOAT
        number = int(raw_value) if exact else None
    if type(number) is int and MIN_INTEGER <= number <= MAX_INTEGER:
        return number
    raise Unfit(Reason.TYPE_MISMATCH)


def _float(raw_value: object, _: Attribute | None) -> float:
    number = raw_value
    if isinstance(raw_value, str):
        number = _number(raw_value) if _NUMBER_TEXT.match(raw_value) else None
    if type(number) is int:
        number = float(number) if abs(number) <= EXACT_IN_FLOAT else None
    if isinstance(number, float) and math.isfinite(number):
        return number + 0.0  # there is one zero
    raise Unfit(Reason.TYPE_MISMATCH)


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _boolean(raw_value: object, _: Attribute | None) -> bool:
    if isinstance(raw_value, bool):
        return raw_value
    if raw_value == "true" or raw_value == "false":
        return raw_value == "true"
    raise Unfit(Reason.TYPE_MISMATCH)


def _date(raw_value: object, _: Attribute | None) -> int:
    if isinstance(raw_value, str) and (day := _DAY_TEXT.match(raw_value)):
        seconds = _midnight(int(day.group(3)), int(day.group(2)), int(day.group(1)))
    else:
        seconds = _integer(raw_value, None)
    if not FIRST_DATE <= seconds <= LAST_DATE:
        raise Unfit(Reason.TYPE_MISMATCH)
    return seconds


def _midnight(year: int, month: int, day: int) -> int:
    try:
        return (date(year, month, day).toordinal() - _UNIX_DAY_ZERO) * 86_400
    except ValueError:
        raise Unfit(Reason.TYPE_MISMATCH) from None


def _list(raw_value: object, attribute: Attribute | None) -> str:
    text = _text(raw_value)
    if attribute is not None and text not in attribute.options:
        raise Unfit(Reason.NOT_AN_OPTION)
    return text


def _avatar(raw_value: object, _: Attribute | None) -> str | None:
    if isinstance(raw_value, dict):
        if raw_value.keys() - {"type", "image_url"} or raw_value.get("type", "avatar") != "avatar":
            raise Unfit(Reason.TYPE_MISMATCH)
        raw_value = raw_value.get("image_url")
        if raw_value is None or raw_value == "":
            return None
    if not isinstance(raw_value, str) or not raw_value.startswith("https://"):
        raise Unfit(Reason.TYPE_MISMATCH)
    if len(raw_value) > MAX_ADDRESS:
        raise Unfit(Reason.TOO_LONG)
    return raw_value


_COERCIONS: Final[dict[AttributeType, Callable[[object, Attribute | None], Scalar]]] = {
    AttributeType.STRING: _string,
    AttributeType.INTEGER: _integer,
    AttributeType.FLOAT: _float,
    AttributeType.BOOLEAN: _boolean,
    AttributeType.DATE: _date,
    AttributeType.LIST: _list,
    AttributeType.AVATAR: _avatar,
}
