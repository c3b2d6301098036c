"""What a user can mend."""

from __future__ import annotations


class Mistake(Exception):
    """Base of every error that is the user's to mend: a wrong option, a file that does not read, a plug-in that does not load. The text
    says what is wrong and what to do; the program ends with exit code 2 and without a traceback."""
