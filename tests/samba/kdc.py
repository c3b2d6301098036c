"""Asks a real KDC whether a host may act for a user towards a service: S4U2Self and S4U2Proxy, as a source host does them."""

from __future__ import annotations

from pathlib import Path

from tests.samba.forest import CommandFailed, Controller

_REFUSALS = ("KDC can't fulfill requested option",)


def kdc_allows(controller: Controller, source: str, user: str, service: str, folder: Path) -> bool:
    """May the computer account of `source` (HV01) get a ticket of `user` (a name of the same domain) for `service`
    (cifs/hv02.contoso.test). `folder` keeps the account's key. Raises CommandFailed for anything but a yes or a refusal."""
    account = f"{source}$"
    keys, cache = folder / f"{source}.keytab", folder / f"{source}.ccache"
    if not keys.exists():
        controller.tool("domain", "exportkeytab", str(keys), f"--principal={account}")
    own = ("env", "LC_ALL=C", f"KRB5CCNAME=FILE:{cache}")
    controller.inside(*own, "kinit", "-k", "-t", str(keys), f"{account}@{controller.realm}")
    try:
        controller.inside(*own, "kvno", "-k", str(keys), "-U", f"{user}@{controller.realm}", "-P", service)
    except CommandFailed as failure:
        if any(refusal in str(failure) for refusal in _REFUSALS):
            return False
        raise
    return True
