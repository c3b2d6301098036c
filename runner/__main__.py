"""The entry point of `hvpreflight` and of `python -m runner`. The version, which is asked most, comes without loading the rest."""

from __future__ import annotations

import sys

from runner.version import VERSION

INTERRUPTED = 130


def main() -> None:
    """Run the command of `sys.argv` and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"hvpreflight, version {VERSION}\n")
        return
    try:
        from runner.cli import main as run

        run()
    except KeyboardInterrupt:  # before what runs the command is loaded, and can say so
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
