"""How strict a house is beyond what a move needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct


class Policy(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What a house demands. Nothing in it makes any finding better.

    `blockers`: checks or areas whose risks count as blockers. `clock_seconds`: the difference between clocks from which it is a risk.
    `validity_hours`: after so many facts are too old. `migration_networks`: all networks that may be named for migrations (10.77.0.0/24).
    `minimum_link_mbps`: what every link that carries migrations has to do, in Mbit/s.
    """

    blockers: tuple[str, ...] = ()
    clock_seconds: Annotated[int, Meta(ge=1, le=120)] | None = None
    validity_hours: Annotated[int, Meta(ge=1, le=24)] | None = None
    migration_networks: tuple[str, ...] | None = None
    minimum_link_mbps: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None

    @property
    def validity(self) -> timedelta | None:
        return None if self.validity_hours is None else timedelta(hours=self.validity_hours)

    @property
    def demands(self) -> dict[str, str]:
        """What it says, by its keys."""
        given = {"blockers": ", ".join(self.blockers), "clock_seconds": self.clock_seconds, "validity_hours": self.validity_hours}
        networks = None if self.migration_networks is None else ", ".join(self.migration_networks) or "-"
        given |= {"migration_networks": networks, "minimum_link_mbps": self.minimum_link_mbps}
        return {name: str(value) for name, value in given.items() if value}
