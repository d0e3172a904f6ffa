"""Who works for the company, and what did they change about the rules? `/admins` and what stands below it."""

from avow.api.team import activity_logs, admins

__all__ = ["activity_logs", "admins"]
