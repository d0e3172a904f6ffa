"""How a file becomes rows: lines with their places, and records of CSV or JSON Lines."""

from avow.flow.imports.reading.csv_records import CsvRecords, delimiter_of
from avow.flow.imports.reading.json_records import JsonRecords
from avow.flow.imports.reading.lines import MAX_RECORD
from avow.flow.imports.reading.records import Fault, Form, Record

__all__ = ["MAX_RECORD", "CsvRecords", "Fault", "Form", "JsonRecords", "Record", "delimiter_of"]
