"""What do teammates see and do? The screens, at `/app`: made on the server, told by the flows, kept live.

How a screen is made (one file, one template, its tests) is told in docs/explanation/how-a-screen-is-made.md.
"""

from avow.admin.door import ScreensDoor

__all__ = ["ScreensDoor"]
