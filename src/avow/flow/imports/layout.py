"""What does a column mean? The name of a field or an attribute; nothing that a file says is left out silently.

- `id`, `external_id` (or `user_id`), `email` and `role` say who a row is about; standard and custom attributes go by
  their names, custom ones also as `custom_attributes.NAME`.
- What an export or a list tells beside values (times of records, provenance) is read over, and the report names it.
- A name that is none of these refuses the file before anything is written, all of them at once.

Source: contract/intercom-notes.md §4.3; spec §2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from avow.flow.exports.names import CUSTOM, FIELDS, READ_OVER
from avow.flow.exports.people import BESIDE
from avow.flow.imports.job import FileFault
from avow.trust.attribute import STANDARD
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.names import fault_of, is_plain

IDENTITY: Final = ("id", "external_id", "email")
WRITABLE: Final = frozenset(STANDARD) - {"browser_language"}
_ALIASES: Final = {"user_id": "external_id"}


def meaning_of(column: str, columns: Mapping[str, str]) -> str | None:
    """The field or attribute that a column stands for; None for one that is read over."""
    if column in columns:
        name = columns[column]
        return _plain(_ALIASES.get(name, name)) or None
    if column in READ_OVER or _is_provenance(column):
        return None
    return _plain(_ALIASES.get(column, column))


def meaning_among_custom(name: str, columns: Mapping[str, str]) -> str | None:
    """The same for a name that stands in `custom_attributes`: whatever it is called, it is an attribute's."""
    return meaning_of(name if name in columns else f"{CUSTOM}.{name}", columns)


def _plain(name: str) -> str:
    """A meaning in short. What could be taken for a field then says what it is."""
    short = name.removeprefix(f"{CUSTOM}.")
    return name if short in FIELDS else short


def attribute_of(meaning: str) -> str:
    """The name of the attribute that is meant."""
    return meaning.removeprefix(f"{CUSTOM}.")


def _is_provenance(column: str) -> bool:
    name, _, told = column.rpartition(" (")
    return bool(name) and told.endswith(")") and told[:-1] in BESIDE


def is_custom(name: str) -> bool:
    """Whether a meaning is that of a custom attribute."""
    return name not in FIELDS and name not in WRITABLE


def unknown_to(rules: Rules, names: Iterable[str]) -> list[str]:
    """Those of these meanings that are nothing yet."""
    return [name for name in names if is_custom(name) and attribute_of(name) not in rules.attributes]


def faults_of_names(rules: Rules, names: Iterable[str], *, line: int, create: bool) -> list[FileFault]:
    """What is wrong with the meanings that stand in this line. `create`: unknown ones may become attributes."""
    faults: list[FileFault] = []
    for name in map(attribute_of, filter(is_custom, dict.fromkeys(names))):
        attribute = rules.attributes.get(name)
        if attribute is not None and attribute.archived:
            message = f"The attribute {name!r} is archived and takes no values. Unarchive it, or leave the column out."
            faults.append(FileFault(line, Reason.ARCHIVED, message, name))
        elif attribute is None and (fault := fault_of(name) or (None if is_plain(name) else Reason.INVALID_NAME)):
            message = f"{_shown(name)} cannot be an attribute's name. Map the column to one that is, or to nothing."
            faults.append(FileFault(line, fault, message, _shown(name)))
        elif attribute is None and not create:
            message = f"There is no attribute {name!r}. Declare it, let the import declare it, or map the column."
            faults.append(FileFault(line, Reason.UNKNOWN_ATTRIBUTE, message, name))
    return faults


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:64])


def faults_of_header(header: Sequence[str], meanings: Sequence[str | None], *, line: int) -> list[FileFault]:
    """What is wrong with the header of a CSV file as a whole, which begins in this line."""
    faults: list[FileFault] = []
    if not any(name in IDENTITY for name in meanings):
        message = "No column says who a row is about. Have one that is called external_id, email or id."
        faults.append(FileFault(line, "parameter_not_found", message, "external_id"))
    seen: dict[str, str] = {}
    for column, name in zip(header, meanings, strict=True):
        if not column.strip():
            faults.append(FileFault(line, "parameter_invalid", "A column has no name. Name every column.", ""))
        elif name is not None and name in seen:
            message = f"Two columns mean {_shown(name)!r}. Keep one of them, or map the other to nothing."
            faults.append(FileFault(line, "duplicate_field", message, _shown(column)))
        elif name is not None:
            seen[name] = column
    return faults
