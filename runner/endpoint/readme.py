"""The README beside a session configuration: whom it lets in and as whom it runs, how it is registered, tested and removed, and what it
cannot show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources

from checks.facts.host import SECTIONS
from checks.registry import all_checks
from checks.windows.sids import REMOTE_MANAGEMENT_USERS
from reports.escape import markdown
from reports.language import Language
from reports.scripts.script import literal
from runner.collect.hosts.request import FRAME
from runner.collect.hosts.script import FUNCTION
from runner.endpoint import CONFIGURATION, EVERYBODY, MODULE, ROLE, modules
from runner.endpoint.rights import RunAs, rights
from runner.version import VERSION

_TEXTS = {"en": "readme.md", "de": "readme.de.md"}


def readme(allowed: Sequence[str], run_as: RunAs, language: Language) -> str:
    """The README in one language, as Markdown."""
    known = {group.name: group.sid for group in run_as.groups if run_as.limited} | {
        name: REMOTE_MANAGEMENT_USERS for name in allowed if name == EVERYBODY
    }
    places = {
        "version": VERSION,
        "function": FUNCTION,
        "module": MODULE,
        "role": ROLE,
        "configuration": CONFIGURATION,
        "frame": str(FRAME),
        "allowed": ", ".join(map(markdown, allowed)),
        "modules": ", ".join(modules()),
        "known": f"@{{ {'; '.join(f'{literal(name)} = {literal(sid)}' for name, sid in known.items())} }}",
        "account": _account(run_as, language),
        "shows": "\n".join(_shows(run_as, language)),
    }
    text = (resources.files("runner.endpoint") / _TEXTS[language.name]).read_text(encoding="utf-8")
    for name, value in places.items():
        text = text.replace("{" + name + "}", value)
    return text


def _account(run_as: RunAs, language: Language) -> str:
    groups = tuple(f"{group.name} ({group.sid})" for group in run_as.groups)
    if run_as.limited:
        return language.say(
            "The session runs as a virtual account that Windows makes for it and removes after it: a member of {groups}, and of no other "
            "group. On the network it is the computer account.",
            groups=groups,
        )
    return language.say(
        "The session runs as a virtual account that Windows makes for it and removes after it: a member of {groups}, on a domain "
        "controller of Domain Admins. On the network it is the computer account. Whoever connects has these rights only through "
        "the function.",
        groups=groups,
    )


def _shows(run_as: RunAs, language: Language) -> Iterator[str]:
    """What the account cannot read, with the checks that need it."""
    if not run_as.lacks:
        yield language.say("It shows everything that hvpreflight collects.")
        return
    yield language.say("It cannot show what only an administrator of the host may read; the checks that need it are UNKNOWN:")
    yield ""
    yield f"| {language.say('Section')} | {language.say('Checks')} | {language.say('Right')} |"
    yield "|---|---|---|"
    for name in run_as.lacks:
        right = rights().sections[name]
        source = language.show(SECTIONS[name].origin.what or SECTIONS[name].origin.asks)
        needing = sorted({check.id for check in all_checks() for fact in check.facts if fact.rpartition(".")[2] == name})
        stated = language.say("stated there") if right.stated else language.say("known from use")
        yield f"| `{name}`: {markdown(source)} | {', '.join(needing) or '–'} | [{stated}](https://learn.microsoft.com/{right.page}) |"
    yield ""
    yield language.say("An account that is an administrator shows these too: `hvpreflight jea --administrator`.")
