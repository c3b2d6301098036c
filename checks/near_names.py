"""Of names that there are the one that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 200
"""Characters of what is written; more is no name."""


def near_name(written: str, known: Iterable[str]) -> str | None:
    """The known name that is most like what is written, in whatever case, or nothing where none is like it."""
    names = {name.casefold(): name for name in known}
    close = get_close_matches(written.casefold(), names, 1) if len(written) <= LONGEST else ()
    return names[close[0]] if close else None
