"""What `hvpreflight jea` writes: a session in which one can read what is collected, and do nothing else. That it does so in a real engine
is in tests/engine/test_endpoint.py."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.facts.host import SECTIONS
from checks.mistake import Mistake
from lab import scenario
from lab.forest import Forest
from lab.scenario import LanguageMode, ShellSpec
from reports.language import Language
from runner.collect.hosts.script import FUNCTION, beside, script
from runner.commands.jea import jea
from runner.endpoint import CONFIGURATION, EVERYBODY, MODULE, ROLE, commands, files, modules
from runner.endpoint.rights import Need, rights, run_as
from runner.files.folder import FolderError
from tests.gathering import judged

LIMITED, ADMINISTRATOR = run_as(administrator=False), run_as(administrator=True)


def texts(*allowed: str, language: str = "en", administrator: bool = False) -> dict[str, str]:
    made = files(allowed, run_as(administrator=administrator), Language(language))
    return {path: content.decode("utf-8-sig").replace("\r\n", "\n") for path, content in made.items()}


def test_hosts_are_read_through_it_where_the_plan_names_it() -> None:
    shell = ShellSpec(configuration=CONFIGURATION, language_mode=LanguageMode.NONE, function=FUNCTION)
    ready = scenario.load("ready")
    ready = replace(ready, hosts={name: replace(spec, shell=shell) for name, spec in ready.hosts.items()})
    with Forest(ready) as forest:
        assert {entry["configuration_name"] for entry in forest.plan["hosts"].values()} == {CONFIGURATION}
        assert judged(forest).verdict == "GO"


def test_the_body_of_its_one_function_is_the_script_as_it_is_sent() -> None:
    module = texts()[f"{MODULE}/{MODULE}.psm1"]
    assert f"function {FUNCTION} {{\n{script(SECTIONS)}\n}}\n" in module
    assert re.findall(r"^(?:function|Export-ModuleMember) .*", module.replace(script(SECTIONS), ""), re.MULTILINE) == [
        f"function {FUNCTION} {{",
        f"Export-ModuleMember -Function {FUNCTION}",
    ]


def test_it_reaches_the_modules_of_the_commands_that_the_script_may_call_and_no_other() -> None:
    (imported,) = re.findall(
        r"^foreach \(\$name in @\((.*)\)\) \{$", texts()[f"{MODULE}/{MODULE}.psm1"].partition("\nfunction ")[0], re.MULTILINE
    )
    assert imported.replace("'", "").split(", ") == modules()
    pages = {entry["page"].split("/")[2]: entry["module"].lower() for entry in commands().values()}
    assert all(page == module for page, module in pages.items())


def test_nothing_else_is_visible_and_no_script_runs() -> None:
    made = texts()
    session, role = made[f"{CONFIGURATION}.pssc"], made[f"{MODULE}/RoleCapabilities/{ROLE}.psrc"]
    for line in ("SessionType = 'RestrictedRemoteServer'", "LanguageMode = 'NoLanguage'", "RunAsVirtualAccount = $true"):
        assert f"    {line}\n" in session
    assert re.findall("Visible.*", role) == [f"VisibleFunctions = @('{FUNCTION}')"]


def test_who_connects_and_as_whom_it_runs_is_as_it_was_asked_for() -> None:
    session = texts("CONTOSO\\hv readers", "FABRIKAM\\l'équipe")[f"{CONFIGURATION}.pssc"]
    assert re.findall(r"^        ('.*') = @\{", session, re.MULTILINE) == ["'CONTOSO\\hv readers'", "'FABRIKAM\\l''équipe'"]
    assert "RunAsVirtualAccountGroups = @('Hyper-V Administrators', 'Event Log Readers')" in session
    assert EVERYBODY in texts()[f"{CONFIGURATION}.pssc"]
    assert "RunAsVirtualAccountGroups" not in texts(administrator=True)[f"{CONFIGURATION}.pssc"]


@pytest.mark.parametrize(
    "name", ["", "readers", "CONTOSO\\", "\\readers", "A\\B\\C", "CONTOSO\\*", "CONTOSO\\a\nb", "CONTOSO\\a\u202eb", f"C\\{'x' * 300}"]
)
def test_a_name_that_nobody_has_is_a_mistake(name: str) -> None:
    with pytest.raises(Mistake, match="no account and no group"):
        files([name], LIMITED, Language())


def test_a_folder_is_never_written_over(tmp_path: Path) -> None:
    assert jea(tmp_path / "new", [], "en", administrator=False) == 0
    with pytest.raises(FolderError):
        jea(tmp_path / "new", [], "en", administrator=False)


# --- what it can show ---


def test_the_right_that_every_section_needs_is_data_with_its_source() -> None:
    its = rights()
    assert its.sections.keys() == SECTIONS.keys()
    assert {name for name, section in SECTIONS.items() if section.origin.hyperv and its.sections[name].needs is Need.SESSION} == set()
    assert all(right.page for right in its.sections.values())
    assert tomllib.loads(beside("rights.toml"))["groups"].keys() == {need for need in Need if need is not Need.SESSION}


def test_the_readme_names_what_it_cannot_show_with_the_checks_that_need_it() -> None:
    readme = texts()["README.md"]
    for section, check in (("sessions", "authentication.source_session"), ("secure_channel", "domain.secure_channel")):
        assert re.search(rf"^\| `{section}`: .*{re.escape(check)}", readme, re.MULTILINE)
    assert set(re.findall(r"^\| `(\w+)`: ", readme, re.MULTILINE)) == set(LIMITED.lacks)
    assert ADMINISTRATOR.lacks == ()


def test_both_readmes_have_the_same_commands_and_no_place_is_left_open() -> None:
    made = texts("CONTOSO\\hv-readers", language="de")
    english, german = made["README.md"], made["README.de.md"]
    assert re.findall("```.*?```", english, re.DOTALL) == re.findall("```.*?```", german, re.DOTALL)
    assert english.count("\n## ") == german.count("\n## ") == 6
    assert not re.search(r"\{[a-z_]+\}", re.sub("```.*?```", "", english + german, flags=re.DOTALL))
    assert "README.de.md" not in texts()
