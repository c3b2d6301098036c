"""Which primary DNS suffixes the domain allows its members besides its own name."""

from __future__ import annotations

from runner.collect.directories.base import Asked


def read(asked: Asked) -> tuple[str, ...]:
    """Known since the first contact: they stand at the domain's head. None where none is shown, so that no suffix is allowed."""
    return asked.base.dns_suffixes
