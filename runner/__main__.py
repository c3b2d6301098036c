"""The entry point of `hvpreflight` and of `python -m runner`. The version, which is asked most, comes without loading the rest.

Everything of ours is loaded where Ctrl-C ends in the exit code for it. What Python and the script of its installer load before cannot be.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command of `sys.argv` and exit with its code."""
    try:
        if sys.argv[1:] == ["--version"]:
            from runner.version import VERSION

            sys.stdout.write(f"hvpreflight, version {VERSION}\n")
            return
        from runner.cli import main as run

        run()
    except KeyboardInterrupt:  # before what runs the command is loaded, and can say so
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
