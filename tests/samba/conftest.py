"""The forests of this lane, once a session, with the accounts that its tests ask about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lanes import lacking
from tests.samba import cases, kdc, lines
from tests.samba.addresses import Taken
from tests.samba.forest import Forests, absent, forests, offered, version


@pytest.fixture(scope="session")
def active_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forests]:
    reason = absent()
    if reason is not None:
        lacking(reason)
    try:
        with forests(tmp_path_factory.mktemp("samba")) as running:
            cases.populate(running)
            if version() >= kdc.JUDGING:
                lines.populate(running.contoso)
            running.second.pull(running.contoso)
            yield running
    except Taken as taken:
        pytest.fail(f"real Active Directory on loopback needs addresses that are in use: {taken}", pytrace=False)


@pytest.fixture(scope="session")
def contoso_kdc(active_directory: Forests, tmp_path_factory: pytest.TempPathFactory) -> kdc.Kdc:
    reason = kdc.absent()
    if reason is not None:
        lacking(reason)
    return kdc.Kdc(active_directory.contoso, tmp_path_factory.mktemp("kdc"), active_directory.fabrikam)


@pytest.fixture(scope="session")
def judging_kdc(contoso_kdc: kdc.Kdc) -> kdc.Kdc:
    """The same, of a Samba that judges as the one does that the lines were measured with."""
    if version() < kdc.JUDGING:
        this, wanted = (".".join(map(str, numbers)) for numbers in (version(), kdc.JUDGING))
        lacking(
            f"the KDC of Samba {this} judges less than that of {wanted} (Debian: bookworm-backports, trixie)",
            obtainable=offered() >= kdc.JUDGING,
        )
    return contoso_kdc


@pytest.fixture
def frozen(active_directory: Forests) -> Iterator[Forests]:
    """The forests with a second controller of contoso.test that takes over no changes meanwhile."""
    active_directory.second.replicate(False)
    yield active_directory
    active_directory.second.replicate(True)
    active_directory.second.pull(active_directory.contoso)
