"""The accounts that the lane's tests ask about: each source host with the delegation that makes it a case, and who moves."""

from __future__ import annotations

from typing import NamedTuple

from tests.samba.forest import PASSWORD, Forests

ANY_SERVICE = 0x80000
SENSITIVE = 0x100000
ANY_PROTOCOL = 0x1000000

GLOBAL, LOCAL, UNIVERSAL, LOCAL_FOR_MAIL = 0x80000002 - (1 << 32), 0x80000004 - (1 << 32), 0x80000008 - (1 << 32), 4
ALLOWED_TO_DELEGATE_TO = "800d94d7-b7a1-42a1-b14d-7cae1423d07f"
CIFS, MIGRATION = "cifs", "Microsoft Virtual System Migration Service"


class Source(NamedTuple):
    """A host and the delegation of its account: msDS-AllowedToDelegateTo, and what is added to userAccountControl."""

    host: str
    to: tuple[str, ...]
    bits: int = ANY_PROTOCOL


def both(*services: str, host: str = "HV02") -> tuple[str, ...]:
    """The entries for services of a host, by its short and its full name."""
    return tuple(f"{service}/{name}" for service in services for name in (host, f"{host.lower()}.contoso.test"))


TARGET = "HV02"
TO_TARGET = both(CIFS, MIGRATION)
SOURCES = {
    "any protocol": Source("HV01", TO_TARGET),
    "Kerberos only": Source("HV03", TO_TARGET, 0),
    "nothing": Source("HV04", (), 0),
    "any protocol, nothing listed": Source("HV05", ()),
    "without cifs": Source("HV06", both(MIGRATION)),
    "upper case": Source("HV07", tuple(entry.upper() for entry in TO_TARGET)),
    "short names only": Source("HV08", TO_TARGET[::2]),
    "full names only": Source("HV09", TO_TARGET[1::2]),
    "HOST instead of cifs": Source("HV10", both("HOST", MIGRATION)),
    "any service, nothing listed": Source("HV11", (), ANY_PROTOCOL | ANY_SERVICE),
    "another target": Source("HV12", both(CIFS, MIGRATION, host="HV01")),
}
"""Those about which the KDC is asked too."""

WITHOUT = SOURCES["nothing"].host
ACTED_FOR, HIDDEN, TAKEN_AWAY, LAGGING = "HV13", "HV14", "HV15", "HV16"
"""A target that names who may delegate; a source whose list hv-reader may not read; one whose list was emptied; one for the second
controller to lag behind with."""
HOSTS = (TARGET, *(source.host for source in SOURCES.values()), ACTED_FOR, HIDDEN, TAKEN_AWAY, LAGGING)


def populate(active: Forests) -> None:
    """Write the accounts into both forests."""
    extra = (Source(HIDDEN, TO_TARGET), Source(TAKEN_AWAY, TO_TARGET))
    to = {source.host: source.to for source in (*SOURCES.values(), *extra)}
    sids = active.contoso.change(
        users=dict.fromkeys(("hv-reader", "hv-operator", "hv-chief"), PASSWORD),
        computers=dict.fromkeys(HOSTS, PASSWORD),
        groups={"hv-admins": GLOBAL, "hv-local": LOCAL, "hv-outer": LOCAL, "hv-mail": LOCAL_FOR_MAIL, "hv-behind-mail": LOCAL},
        members={
            "hv-admins": ["hv-operator"],
            "hv-local": ["hv-admins"],
            "hv-outer": ["hv-local"],
            "hv-mail": ["hv-local"],
            "hv-behind-mail": ["hv-mail"],
        },
        bits={"hv-chief": SENSITIVE, **{source.host: source.bits for source in (*SOURCES.values(), *extra) if source.bits}},
        replace={
            host: {"servicePrincipalName": both("HOST", MIGRATION, host=host)}
            | ({"msDS-AllowedToDelegateTo": to[host]} if to.get(host) else {})
            for host in HOSTS
        },
        deny_read={HIDDEN: {"who": "hv-reader", "attribute": ALLOWED_TO_DELEGATE_TO}},
        sids=[WITHOUT],
    )
    active.contoso.change(
        replace={TAKEN_AWAY: {"msDS-AllowedToDelegateTo": []}},
        acting={ACTED_FOR: f"O:BAD:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;{sids[WITHOUT]})"},
    )
    movers = active.fabrikam.change(
        users={"hv-operator": PASSWORD},
        computers={"HV51": PASSWORD},
        groups={"hv-movers": GLOBAL, "hv-home": LOCAL},
        members={"hv-movers": ["hv-operator"], "hv-home": ["hv-movers"]},
        sids=["hv-movers"],
    )
    active.contoso.change(members={"hv-local": [movers["hv-movers"]]})
