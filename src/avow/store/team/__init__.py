"""Where is it written down who signs in? Teammates, and what they hold in their hands, by its digests."""

from avow.store.team.changing import ChangeOfTeam
from avow.store.team.people import Team, sweep

__all__ = ["ChangeOfTeam", "Team", "sweep"]
