"""How people are taken out with all that is known of them: the names that others need."""

from avow.flow.exports.cells import guarded, unguarded
from avow.flow.exports.kept import find, make, note, options_of
from avow.flow.exports.one_person import everything
from avow.flow.exports.people import Export, Form, Options, plan, stream

__all__ = [
    "Export",
    "Form",
    "Options",
    "everything",
    "find",
    "guarded",
    "make",
    "note",
    "options_of",
    "plan",
    "stream",
    "unguarded",
]
