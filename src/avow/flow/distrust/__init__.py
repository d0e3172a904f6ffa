"""What happens to what a key vouched for, once it was in other hands."""

from avow.flow.distrust.steps import Finding, Step, begin, place_of, rehearse, sweep, up_to

__all__ = ["Finding", "Step", "begin", "place_of", "rehearse", "sweep", "up_to"]
