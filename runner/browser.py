"""A browser of this machine that prints a page: Chromium, Chrome or Edge. Nothing of it is kept, and the page asks for nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.text import text
from runner.environment import for_children
from runner.options import UsageError

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
"""The names under which it is found on the path, the free one first."""
INSTALLED = (
    r"Microsoft\Edge\Application\msedge.exe",
    r"Google\Chrome\Application\chrome.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
"""Where it lies on Windows (below the folders of programs), where Edge comes with the system, and on macOS."""
PROGRAMS = ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")
SECONDS = 120


def find() -> Path | None:
    """The first browser that there is."""
    return next((path for path in _places() if path.is_file()), None)


def _places() -> Iterator[Path]:
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    folders = [Path(os.environ[name]) for name in PROGRAMS if name in os.environ]
    for place in INSTALLED:
        if place.startswith("/"):
            yield Path(place)
        else:
            yield from (folder.joinpath(*place.split("\\")) for folder in folders)


def pdf(page: str) -> bytes:
    """A page of HTML as it prints. Raises UsageError where there is no browser, or it prints nothing."""
    browser = find()
    if browser is None:
        said = text("A PDF is printed by Chromium, Chrome or Edge, and none was found. report.html prints the same from any browser")
        raise UsageError(said)
    with TemporaryDirectory(prefix="hvpreflight-") as folder:
        source, printed = Path(folder, "report.html"), Path(folder, "report.pdf")
        source.write_text(page, encoding="utf-8")
        options = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--no-pdf-header-footer"]
        if _as_root():
            options.append("--no-sandbox")  # its own sandbox refuses root, and the page is ours
        command = [str(browser), *options, f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}", source.as_uri()]
        try:
            ran = subprocess.run(command, env=for_children(), capture_output=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(text("{browser} printed no PDF: {problem}", browser=str(browser), problem=type(error).__name__)) from error
        if not printed.is_file():
            problem = ran.stderr.decode(errors="replace").strip()[-300:] or text("exit code {code}", code=ran.returncode)
            raise UsageError(text("{browser} printed no PDF: {problem}", browser=str(browser), problem=problem))
        return printed.read_bytes()


def _as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
