"""Where are long works written down? A row each, with the bytes they are fed and what they rejected."""

from avow.store.jobs.reads import StoredJobs
from avow.store.jobs.rows import load, save, sweep

__all__ = ["StoredJobs", "load", "save", "sweep"]
