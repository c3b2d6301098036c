"""Where there are two means to let a source act for users, every form shows the one that is taken, and the other beside it."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from msgspec.structs import replace

from checks.check import Severity
from checks.facts.directory import AccessEntry
from checks.plan import Preferences
from checks.remedy import Means, Opening, Users
from checks.result import RemedyRecord, Result, Verdict
from reports import html
from reports.console import write
from reports.digest import root_causes
from reports.forms.ticket import ticket
from reports.language import Language
from reports.obstacles import obstacles
from reports.redact import redact
from reports.ways import others, ways
from runner.after import after
from runner.ways_to_go import ways_to_go
from tests.world import AT, CONTOSO, account, good

ENGLISH = Language()
ON_TARGET = "-PrincipalsAllowedToDelegateToAccount"
NOT_ENOUGH = "not enough: Let TestServer02 accept delegation"
CHOOSE = "Choose one of three ways"


@cache
def result(*, denied: bool = False) -> Result:
    """Nothing is delegated; somebody is kept out by the target's list, or nobody."""
    world = good().account("testserver01", delegate_to=(), user_account_control=0x1000)
    if denied:
        world = world.account("testserver02", resource_based=(AccessEntry(False, 0xF01FF, f"{CONTOSO}-2999"),))
    world = world.with_plan(policy=Preferences(Means.RESOURCE_BASED))
    found = world.result()
    known = (found, world.plan, world.snapshot)
    return replace(found, after=after(*known), ways=ways_to_go(*known))


def console(of: Result, *, verbose: bool) -> str:
    stream = io.StringIO()
    write(of, stream=stream, verbose=verbose, language=ENGLISH, now=AT)
    return stream.getvalue()


def test_the_page_shows_both_with_what_each_opens_up_and_needs_and_begins_with_the_preferred_one() -> None:
    page = html.render(result(), now=AT, language=ENGLISH)
    steps = page[page.index('class="steps"') :]
    assert steps.index("Let TestServer02 accept delegation from TestServer01") < steps.index("Let TestServer01 delegate to TestServer02")
    taken, other = page[page.index('<article class="cause') :].split("<summary>Alternative: constrained delegation", 1)
    for part, command in ((taken, ON_TARGET), (other, "-TrustedToAuthForDelegation $true")):
        for shown in (">Verify</dt>", ">Undo</dt>", command):
            assert shown in part


def test_one_place_says_which_of_the_ways_is_enough_and_what_each_takes() -> None:
    page = html.render(result(), now=AT, language=ENGLISH)
    (choice,) = re.findall(r'<section id="ways".*?</section>', page, re.DOTALL)
    ways = [re.sub(r"<[^>]+>|\s+", " ", way) for way in choice.split("<article")[1:]]
    for way, begins, says in zip(
        ways,
        ("resource-based delegation", "constrained delegation", "a start in a session on the source itself"),
        (
            ("and the scripts of hvpreflight fix take it", "✓ GO", "Opens up or costs", "towards every service of TestServer02"),
            ("✓ GO", "Let TestServer01 delegate to TestServer02", "The right &#34;Enable computer"),
            (
                "△ GO WITH CONDITIONS",
                "Who operator",
                "A sign-in to TestServer01",
                "What it leaves",
                "Only a session on TestServer01 itself",
            ),
        ),
        strict=True,
    ):
        assert begins in way
        assert "is enough" in way
        assert not [each for each in says if each not in " ".join(way.split())]
    assert page.count("A sign-in to TestServer01 with password") == 1
    assert page.count("towards every service of TestServer02") == 2, "with the way, and in the table"


def test_what_a_way_opens_is_one_sum_a_host_and_it_is_told_which_opens_least() -> None:
    migration = tuple(each for each in account("TestServer01", 1, "TestServer02").delegate_to if not each.startswith("cifs"))
    world = good().account("testserver01", delegate_to=migration, user_account_control=0x1000)
    world = world.account("testserver02", user_account_control=0x1000)
    found = world.result()
    of = replace(found, ways=ways_to_go(found, world.plan, world.snapshot))
    own, targets, session = (way.opens for way in ways(of, ENGLISH))
    anyone = "may then act for every account that may be delegated, also where that one never signed in there"
    assert own == (
        "Opens, in comparison: less than B, more than C",
        f"TestServer01, TestServer02: {anyone}, only towards the services that its own delegation list names",
        "TestServer01, TestServer02: only who holds the right to enable delegation can change that later, as the domain administrators of "
        "contoso.test do",
    )
    assert targets[:2] == (
        "Opens, in comparison: the most",
        f"TestServer01: {anyone}, towards every service of TestServer02, and towards what its own delegation list names",
    )
    assert session[:2] == ("Opens, in comparison: the least", "Nothing in the directory")
    assert sum("Somebody has to be signed in to TestServer01, TestServer02 for each start" in each for each in session) == 1


def test_of_ways_of_which_it_is_not_known_what_they_open_no_order_is_told() -> None:
    """As of a result from before that was kept as data."""

    def before(remedy: RemedyRecord) -> RemedyRecord:
        choice = replace(remedy.choice, opening=None) if remedy.choice else UNSET
        return replace(remedy, choice=choice, alternatives=tuple(map(before, remedy.alternatives or ())))

    whole = result()
    of = replace(whole, findings=tuple(replace(each, remedy=before(each.remedy)) if each.remedy else each for each in whole.findings))
    told = [each for way in ways(of, ENGLISH) for each in way.opens]
    assert not [each for each in told if each.startswith("Opens, ")]
    assert any("may then act for every account" in each for each in told)


@pytest.mark.parametrize(
    ("one", "other", "within", "around"),
    [
        ({"named": ("B",)}, {"every": ("B",)}, True, False),
        ({"named": ("B",)}, {"named": ("B",), "listed": True, "users": Users.ANY}, True, False),
        ({"named": ("B",), "listed": True, "users": Users.ANY}, {"every": ("B",)}, False, False),
        ({"named": ("B", "C")}, {"every": ("B",)}, False, False),
        ({"every": ("B",)}, {"every": ("B",)}, True, True),
    ],
)
def test_one_opening_is_less_than_another_only_where_users_and_services_are(
    one: dict[str, Any], other: dict[str, Any], within: bool, around: bool
) -> None:
    some, more = (Opening("A", "contoso.test", **{"users": Users.SIGNED_IN, **each}) for each in (one, other))
    assert (some <= more, more <= some) == (within, around)


def test_of_several_ways_somebody_chooses_and_each_says_what_to_do_next() -> None:
    page = html.render(result(), now=AT, language=ENGLISH)
    assert "chooses one of the ways A, B, C, with what it opens" in page
    assert "What to type for way A" in page
    steps = obstacles(result())
    assert [*others(ways(result(), ENGLISH), steps, ENGLISH)] == [
        "Way B: not the scripts of hvpreflight fix, but of BLOCKER 1 the commands under Alternative, on the page. Then from the "
        "second step",
        'Way C: write launch = "console" or launch = "rdp" into the plan, and check again',
    ]
    assert [*others([way for way in ways(result(), ENGLISH) if not way.taken], steps, ENGLISH)] == []


def test_a_way_that_is_enough_is_not_blamed_for_what_else_is_in_the_way() -> None:
    of = replace(result(), ways=tuple(replace(each, verdict=Verdict.NO_GO) for each in result().ways))
    assert "(operator): still NO-GO, for other reasons" in console(of, verbose=False)
    assert "for other reasons</span>" in html.render(of, now=AT, language=ENGLISH)


def test_the_console_tells_the_other_with_details_and_else_only_the_one_that_is_taken() -> None:
    told = console(result(), verbose=True)
    assert "or domain administrator of contoso.test: Let TestServer01 delegate to TestServer02" in told
    assert "opens up: TestServer01 may then act for every account" in told
    assert told.count("Start the move to TestServer02 in a session on TestServer01 itself") == 1
    brief = console(result(), verbose=False)
    assert brief.count(f"{CHOOSE}. The fixes told here, taken together, are way A.") == 1
    assert "(domain administrator of contoso.test): GO\n" in brief
    assert ON_TARGET in brief
    assert "msDS-AllowedToDelegateTo'=" not in brief


def test_a_ticket_names_the_other_below_the_step() -> None:
    told = ticket(result(), ENGLISH, AT)
    (line,) = [line for line in told.splitlines() if line.startswith("   * ")]
    assert f"## {CHOOSE}\n\nThe fixes listed above, taken together, are way A.\n" in told
    assert (
        "| C: a start in a session on the source itself | operator | Nothing in the directory; somebody signed in to the host for each "
        "start | GO WITH CONDITIONS |"
    ) in told
    assert told.count("every service of TestServer02") == 2, "what a way opens is told with the way alone, and in its table"
    assert line.startswith("   * Alternative: Let TestServer01 delegate to TestServer02")
    assert line.count("Let TestServer01 delegate to TestServer02") == 2, "the entries for the service and for cifs belong together"


def test_it_is_said_why_what_the_plan_prefers_is_not_taken() -> None:
    of = result(denied=True)
    assert not [change for finding in of.findings if finding.remedy for change in finding.remedy.changes if change.kind == "act_on_behalf"]
    said = (html.render(of, now=AT, language=ENGLISH), *(console(of, verbose=each) for each in (False, True)), ticket(of, ENGLISH, AT))
    for form in said:
        assert NOT_ENOUGH in form.replace("\\", "")
    assert "ressourcenbasierte Delegierung, in der Liste des Ziels, die der Plan vorzieht<" in html.render(
        of, now=AT, language=Language("de")
    )


def test_programs_find_both_as_data_and_names_are_hidden_in_both() -> None:
    whole = json.loads(msgspec.json.encode(result()))
    (found,) = [each for each in whole["findings"] if each["check"] == "delegation.migration_service"]
    remedy = found["remedy"]
    assert remedy["choice"]["means"] == "resource-based"
    assert [(each["choice"]["means"], [change["kind"] for change in each["changes"]]) for each in remedy["alternatives"]] == [
        ("constrained", ["delegate_to", "any_protocol"])
    ]
    hidden, _ = redact(result())
    assert "testserver0" not in msgspec.json.encode(hidden).decode().lower()
    assert [cause.remedies[0].remedy.choice.means for cause in root_causes(hidden, Severity.BLOCKER)] == [Means.RESOURCE_BASED]  # type: ignore[union-attr]
