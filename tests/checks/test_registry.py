"""Checks are found where they lie, and in other packages; what does not fit together is said, not passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.plugins import CHECKS as GROUP
from checks.plugins import PluginError
from checks.registry import RegistryError, all_checks, builtin_checks, ordered, plugin_checks

PLUGIN = """
from checks.check import Scope, Severity, check, passes

@check(id="acme.naming", scope=Scope.HOST, severity=Severity.RISK, title="Hosts are named by the rule", facts=("host.computer",))
def naming(subject):
    return passes("{name} follows the rule", name=subject.host.name)

nothing = 5
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    """A package with these entry points, as pip would have left it."""
    (folder / "acme_checks.py").write_text(PLUGIN)
    info = folder / "acme_checks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items()))
    monkeypatch.syspath_prepend(str(folder))


def test_every_check_is_found_without_being_registered_anywhere() -> None:
    root = Path(__file__).parents[2] / "checks"
    pages = {f"{page.parent.name}.{page.stem}" for page in root.glob("*/*.md") if not page.stem.endswith(".de")}
    assert set(builtin_checks()) == pages


def test_another_package_brings_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, naming="acme_checks:naming")
    assert [check.title for check in plugin_checks().values()] == ["Hosts are named by the rule"]


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"naming": "acme_checks:lost"}, "does not load"),
        ({"naming": "no_such_module:naming"}, "does not load"),
        ({"naming": "acme_checks:nothing"}, "is not a check"),
        ({"one": "acme_checks:naming", "two": "acme_checks:naming"}, "Two plug-ins bring the check acme.naming"),
    ],
)
def test_a_plug_in_that_does_not_fit_is_named(points: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, **points)
    with pytest.raises(PluginError, match=said):
        plugin_checks()


def test_a_check_comes_after_those_it_depends_on() -> None:
    order = [check.id for check in all_checks()]
    for check in all_checks():
        assert all(order.index(dependency) < order.index(check.id) for dependency in check.depends_on)


def test_dependencies_that_do_not_exist_or_go_in_a_circle_are_refused() -> None:
    one, two = all_checks()[:2]
    with pytest.raises(RegistryError, match="does not exist"):
        ordered([replace(one, depends_on=("no.such",))])
    with pytest.raises(RegistryError, match="in a circle"):
        ordered([replace(one, depends_on=(two.id,)), replace(two, depends_on=(one.id,))])
