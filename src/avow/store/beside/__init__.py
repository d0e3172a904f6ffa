"""Where is written down what stands beside a contact's values: tags, notes, summaries of events?"""

from avow.store.beside.reading import BesideReader
from avow.store.beside.writing import write

__all__ = ["BesideReader", "write"]
