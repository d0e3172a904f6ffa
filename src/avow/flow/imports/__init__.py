"""How many people at once become known, from a file or from what a client sends: the names that others need."""

from avow.flow.imports.arrival import Overtaken
from avow.flow.imports.job import (
    MAX_REJECTED,
    Details,
    FileFault,
    Layout,
    Options,
    Progress,
    details_of,
    progress_of,
)
from avow.flow.imports.reading import MAX_RECORD, Form
from avow.flow.imports.running import ROWS_AT_ONCE, run
from avow.flow.imports.source import BLOCK, SentParts, Source
from avow.flow.imports.steps import MAX_PART, MAX_SENT, Begin, Cancel, Receive, Start, received
from avow.flow.imports.telling import import_object
from avow.flow.imports.work_list import find, rejected_lines, working

__all__ = [
    "BLOCK",
    "MAX_PART",
    "MAX_RECORD",
    "MAX_REJECTED",
    "MAX_SENT",
    "ROWS_AT_ONCE",
    "Begin",
    "Cancel",
    "Details",
    "FileFault",
    "Form",
    "Layout",
    "Options",
    "Overtaken",
    "Progress",
    "Receive",
    "SentParts",
    "Source",
    "Start",
    "details_of",
    "find",
    "import_object",
    "progress_of",
    "received",
    "rejected_lines",
    "run",
    "working",
]
