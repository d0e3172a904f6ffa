"""What is likely to be set up wrong? One module for each thing looked at; nothing here looks by itself."""

from avow.flow.upkeep.doctor.database import of_database, of_migrations
from avow.flow.upkeep.doctor.finding import Finding, Level
from avow.flow.upkeep.doctor.machine import Surroundings, of_machine
from avow.flow.upkeep.doctor.workspace import of_workspace

__all__ = [
    "Finding",
    "Level",
    "Surroundings",
    "of_database",
    "of_machine",
    "of_migrations",
    "of_workspace",
]
