"""What the code of a script says, by the name under which the code knows it. `{0}` and the like are places of PowerShell's -f."""

from __future__ import annotations

import textwrap
from functools import partial

from reports.language import Language

SYNOPSIS = "Makes, or takes back, the changes that stand in the data below. Written by hvpreflight; read it before you run it."
DESCRIPTION = (
    "Windows PowerShell 3.0 and later. Every name, value and sentence stands in the data, as a literal; the code after it is the same in "
    "every script of its kind. A change is made only where the present value is the one that was recorded; what is right already stays as "
    "it is.",
    "What a script really changes it writes into a record beside itself, with time, user, place, and the value before and after. Its undo "
    "takes back what stands in that record, and nothing else.",
    "-WhatIf shows what would be done, and does and writes nothing. Without -Confirm:$false each change is asked for.",
    "Exit code: 0 everything is as it should be, 1 something failed, was refused or declined, 2 only work by hand is left.",
)
"""What Get-Help says of a script."""
WIDTH = 140

WORDS: dict[str, str] = {
    "Made": "Made by hvpreflight {0} from the facts of {1}, which are valid until {2}.",
    "From": "Plan {0}, snapshot {1} (SHA-256).",
    "Expired": "THESE FACTS ARE TOO OLD. Check again before anything is changed.",
    "Steps": "This script sees to it that the following holds, and changes nothing else:",
    "Notes": "To be done by hand:",
    "Verify": "to verify:",
    "NotBegun": "Nothing was done: {0}",
    "NoRecord": "there is no record of what was really changed ({0}). It stands beside the script that made the changes.",
    "OtherRecord": "the record beside this script is of another plan or other facts.",
    "NoDirectoryModule": "the ActiveDirectory module is not here. It comes with the Remote Server Administration Tools (on a server: "
    "Install-WindowsFeature -Name RSAT-AD-PowerShell).",
    "NoHyperVModule": "the Hyper-V module is not on {0} (Install-WindowsFeature -Name Hyper-V-PowerShell).",
    "Silent": "{0} does not answer: {1}",
    "AnotherMachine": "the machine that answers for {0} is not {1}: it calls itself {2}.",
    "Controller": "Domain controller of {0}, for everything: {1}",
    "Changed": "changed",
    "Right": "already right",
    "Would": "would be changed",
    "NotOwn": "was not changed by these scripts, and is left alone",
    "Failed": "failed",
    "Refused": "refused",
    "Declined": "declined",
    "Skipped": "left out, because something that has to come first was not done",
    "Otherwise": "it is {0} now, and should be {1} before it is changed: somebody else has changed it",
    "Unread": "the present value could not be read",
    "NotShown": "it was set, and does not show what was set",
    "UnknownKind": "this script does not know such a change",
    "Anew": "{0} is another account now: its SID is {1}, and was {2} when the facts were read",
    "IsController": "{0} is a domain controller, or does not show that it is none: no script changes it",
    "ListUnread": "the list of those who may act on behalf of users cannot be read here",
    "ListForeign": "the list of those who may act on behalf of users holds entries that the cmdlet would drop or change. Edit it by hand",
    "PrincipalUnknown": "the principal stands in the list under a name that is not known. Remove it by hand",
    "Lost": "the list has lost {0}: put it back by hand",
    "NoNetwork": "no migration network is named there any more: the host would take no migrations at all",
    "NotDone": "{0} of {1} not done.",
    "ByHand": "What stands above under work by hand is left.",
}


def spoken(language: Language) -> dict[str, str]:
    """The words in one language."""
    return {name: language.say(sentence) for name, sentence in WORDS.items()}


def comment_help(language: Language) -> str:
    """The comment at the top of a script, which Get-Help reads. Only words of our own stand in it."""
    fill = partial(textwrap.fill, width=WIDTH, break_long_words=False, break_on_hyphens=False)
    synopsis, described = fill(language.say(SYNOPSIS)), "\n\n".join(fill(language.say(text)) for text in DESCRIPTION)
    return f"<#\n.SYNOPSIS\n{synopsis}\n\n.DESCRIPTION\n{described}\n#>\n"
