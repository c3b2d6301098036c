"""What to change in the directory so that delegation works, with its undo: each adds exactly what is missing and takes back
exactly what it added.

Source of the waiting time: "Set up hosts for live migration", step 1 (replication and a new ticket), and
https://learn.microsoft.com/troubleshoot/windows-server/virtualization/troubleshoot-live-migration-issues (15 minutes, purging).
"""

from __future__ import annotations

from msgspec.structs import replace

from checks.changes import Change, Kind, Principal, Setting
from checks.delegation._way import Way
from checks.identity import CONTROLLERS
from checks.remedy import Remedy, Step, Who, domain_administrator_of
from checks.subject import HostView
from checks.text import Text, Value, command, text, verbatim
from checks.windows.account_control import ANY_PROTOCOL

_READ = "Get-ADComputer -Identity {account} -Server {domain}"
_ALLOWED = "PrincipalsAllowedToDelegateToAccount"
_WHOLE_LIST = text(
    "This sets the whole list, which was empty when it was read. If other entries stand there by now, name them too, here and in the undo"
)
REMOVED_AT_ONCE = 100
"""So many entries one command takes away: for the others the check is asked again."""


def effective(source: HostView, target: HostView) -> Text:
    return text(
        "once every domain controller that {source} and {target} use shows it, and {source} has a newer ticket: at once after "
        "klist purge -li 0x3e7 on {source}, as administrator; nothing restarts, and VMs run on (inferred). Without that usually after 15 "
        "minutes, at most 10 hours",
        source=source.name,
        target=target.name,
    )


def administrator(host: HostView) -> Who:
    return domain_administrator_of(host.home)


def _account(host: HostView) -> dict[str, Value]:
    return {"account": host.account.account_name, "domain": host.home}


def _is_controller(host: HostView) -> bool:
    """A domain controller is trusted for any service, and needs that. The Delegation tab takes it away with any choice of specified
    services, the cmdlets do not."""
    return host.computer.role in CONTROLLERS


def add_entries(source: HostView, target: HostView, entries: tuple[str, ...], *, any_protocol: bool = False) -> Remedy:
    """Add entries to the source's delegation list, and the flag for any protocol where that is missing too."""
    values: dict[str, Value] = {**_account(source), "entries": entries}
    commands: list[Step] = [
        command("Set-ADComputer -Identity {account} -Server {domain} -Add @{'msDS-AllowedToDelegateTo'={entries}}", **values)
    ]
    undo: list[Step] = [
        command("Set-ADComputer -Identity {account} -Server {domain} -Remove @{'msDS-AllowedToDelegateTo'={entries}}", **values)
    ]
    verify: list[Step] = [_list_of(source)]
    changes = [_change(Kind.DELEGATE_TO, source, wanted=entries, earlier=source.account.delegate_to)]
    if any_protocol:
        flag = allow_any_protocol(source, target)
        commands += flag.commands
        undo = [*flag.undo, *undo]
        verify += flag.verify
        changes += flag.changes
    names: dict[str, Value] = {"source": source.name, "target": target.name, "entries": entries}
    at_the_tab = text(
        "Let {source} delegate to {target}: on the Delegation tab of its computer account add {entries}. Existing entries stay, and "
        '"Use any authentication protocol" is chosen too, because {source} has neither'
        if any_protocol
        else "Let {source} delegate to {target}: on the Delegation tab of its computer account add {entries}. Existing entries stay",
        **names,
    )
    by_command = text(
        "Let {source} delegate to {target}: add {entries} to its computer account by the commands, not on the Delegation tab: {source} is "
        "a domain controller, and the tab would take from it the trust for any service, which it needs",
        **names,
    )
    return Remedy(
        by_command if _is_controller(source) else at_the_tab,
        who=administrator(source),
        commands=tuple(commands),
        effective_after=effective(source, target),
        shows=text("among others {entries}; and True, where a second line asks for it", entries=entries)
        if any_protocol
        else text("among others {entries}", entries=entries),
        verify=tuple(verify),
        undo=tuple(undo),
        changes=tuple(changes),
    )


def remove_entries(host: HostView, entries: tuple[str, ...]) -> Remedy:
    """Take entries of hosts that are gone from the delegation list. Whether nobody needs them a person decides: no script does it."""
    some = entries[:REMOVED_AT_ONCE]
    values: dict[str, Value] = {**_account(host), "entries": some}
    change = "Set-ADComputer -Identity {account} -Server {domain}"
    return Remedy(
        text(
            "Take the {count} entries of hosts that are gone from the delegation list of {host}, so that nobody who makes an account of "
            "that name gets what they allow. Look first, as an administrator of the forest, whether nobody has them (setspn -F -Q): the "
            "account that collected the facts may not be shown all that there is",
            count=len(some),
            host=host.name,
        ),
        who=administrator(host),
        commands=(command(f"{change} -Remove @{{'msDS-AllowedToDelegateTo'={{entries}}}}", **values),),
        effective_after=_when_renewed(host),
        shows=text("none of {entries}", entries=some),
        verify=(_list_of(host),),
        undo=(command(f"{change} -Add @{{'msDS-AllowedToDelegateTo'={{entries}}}}", **values),),
    )


def look_at_entries(host: HostView) -> Remedy:
    """Ask who needs the entries for other services."""
    return Remedy(
        text(
            "Ask who set the entries for other services, and which job of {host} rests on them, such as a library of images or a backup. "
            "Leave those that somebody needs, and take the others from the list",
            host=host.name,
        ),
        who=administrator(host),
        effective_after=_when_renewed(host),
        shows=text("only entries that somebody needs"),
        verify=(_list_of(host),),
    )


def _when_renewed(host: HostView) -> Text:
    return text(
        "when every domain controller that {host} is logged on to shows it and its tickets are renewed, at most 10 hours", host=host.name
    )


def _list_of(host: HostView) -> Step:
    return command(f"({_READ} -Properties 'msDS-AllowedToDelegateTo').'msDS-AllowedToDelegateTo'", **_account(host))


def _change(kind: Kind, host: HostView, *, wanted: Setting, earlier: Setting, principal: Principal | None = None) -> Change:
    """A change of a host's computer account."""
    return Change(kind, host.home, wanted, earlier, host.account.account_name, principal, host.account.sid)


def allow_any_protocol(source: HostView, target: HostView) -> Remedy:
    return _protocol(
        source,
        target,
        text(
            'Let {source} delegate with "Use any authentication protocol", by the command and not on the Delegation tab: {source} is a '
            "domain controller, and the tab would take from it the trust for any service, which it needs"
            if _is_controller(source)
            else 'Let {source} delegate with "Use any authentication protocol" (Delegation tab of its computer account)',
            source=source.name,
        ),
        to=True,
    )


def kerberos_only(source: HostView, target: HostView) -> Remedy:
    return _protocol(
        source,
        target,
        text(
            'Take "Use any authentication protocol" from {source}, by the command and not on the Delegation tab: {source} is a domain '
            "controller. Not where another start or another service needs it"
            if _is_controller(source)
            else 'Choose "Use Kerberos only" on the Delegation tab of {source}, unless another start or another service needs more',
            source=source.name,
        ),
        to=False,
    )


def _protocol(source: HostView, target: HostView, what: Text, *, to: bool) -> Remedy:
    values = _account(source)
    template = "Set-ADAccountControl -Identity {account} -Server {domain} -TrustedToAuthForDelegation {to}"
    return Remedy(
        what,
        who=administrator(source),
        commands=(command(template, **values, to=to),),
        effective_after=effective(source, target),
        shows=verbatim(str(to)),
        verify=(command(f"({_READ} -Properties TrustedToAuthForDelegation).TrustedToAuthForDelegation", **values),),
        undo=(command(template, **values, to=not to),),
        changes=_flag(source) if to else (),
    )


def _flag(source: HostView) -> tuple[Change, ...]:
    """Only to set the flag: whether another service needs it is for a person to decide."""
    if source.account.user_account_control & ANY_PROTOCOL:
        return ()
    return (_change(Kind.ANY_PROTOCOL, source, wanted=True, earlier=False),)


def allow_on_target(way: Way, *, any_protocol: bool = False) -> Remedy:
    """Let the target accept the source, and give the source the flag for any protocol where it needs that too. The cmdlet writes the whole
    list, so those that stand there are written again; it cannot write denials, so a list with one is left to a person. Where the source
    stands there already, what keeps it out is not a missing entry."""
    source, target = way.source, way.target
    in_the_way = way.in_the_way
    values: dict[str, Value] = {
        **_account(target),
        "source": source.account.account_name,
        "source_domain": source.home,
        "source_dn": source.account.dn,
    }
    entries = target.account.resource_based
    what = text(
        "Let {target} accept delegation from {source}: set resource-based delegation on the account of {target}. Principals that stand "
        "there stay"
        if entries
        else "Let {target} accept delegation from {source}: set resource-based delegation on the account of {target} (none was set when it "
        "was read)",
        source=source.name,
        target=target.name,
    )
    write = f"Set-ADComputer -Identity {{account}} -Server {{domain}} -{_ALLOWED} "
    present = f"({_READ} -Properties {_ALLOWED}).{_ALLOWED}"
    added = "(Get-ADComputer -Identity {source} -Server {source_domain})"
    commands: tuple[Step, ...]
    undo: tuple[Step, ...]
    if any(entry.allow and entry.sid == source.account.sid for entry in entries):
        commands = undo = ()
        what = text(
            "{target} names {source} already: edit msDS-AllowedToActOnBehalfOfOtherIdentity of {target} by hand"
            if in_the_way
            else "{target} lets {source} act for users already. Replace the domain controllers of both domains that are older than Windows "
            "Server 2012: they do not know resource-based delegation",
            source=source.name,
            target=target.name,
        )
    elif not entries:
        commands = (command(f"{write}{added}", **values), _WHOLE_LIST)
        undo = (command(f"{write}$null", **values), _WHOLE_LIST)
    elif all(entry.allow for entry in entries):
        commands = (command(f"{write}(@({present}) + {added})", **values),)
        undo = (command(f"{write}@({present} | Where-Object {{ $_ -ne {{source_dn}} }})", **values),)
    else:
        commands = undo = ()
        what = text(
            "Let {target} accept delegation from {source}: edit msDS-AllowedToActOnBehalfOfOtherIdentity of {target} by hand. "
            "It holds a denial, which the cmdlets would drop",
            source=source.name,
            target=target.name,
        )
    accepted = Remedy(
        text("{what}. {in_the_way}", what=what, in_the_way=in_the_way) if in_the_way else what,
        who=administrator(target),
        commands=commands,
        effective_after=effective(source, target),
        shows=text("among others {account}", account=source.account.dn),
        verify=(command(present, **values),),
        undo=undo,
        changes=_member(source, target) if commands else (),
    )
    return _with_any_protocol(accepted, source, target) if any_protocol and accepted.changes else accepted


def _with_any_protocol(accepted: Remedy, source: HostView, target: HostView) -> Remedy:
    flag = allow_any_protocol(source, target)
    return replace(
        accepted,
        text=text(
            '{what}. {source} gets "Use any authentication protocol" too (by the command, not on the Delegation tab), because it has a '
            "delegation list",
            what=accepted.text,
            source=source.name,
        ),
        who=domain_administrator_of(*dict.fromkeys((target.home, source.home))),
        commands=(*accepted.commands, *flag.commands),
        shows=text("among others {account}, then True", account=source.account.dn),
        verify=(*accepted.verify, *flag.verify),
        undo=(*flag.undo, *accepted.undo),
        changes=(*accepted.changes, *flag.changes),
    )


def _member(source: HostView, target: HostView) -> tuple[Change, ...]:
    account = source.account
    earlier = tuple(dict.fromkeys(entry.sid for entry in target.account.resource_based))
    if account.sid in earlier:
        return ()
    principal = Principal(account.sid, account.dn, account.account_name, source.home)
    return (_change(Kind.ACT_ON_BEHALF, target, wanted=(account.sid,), earlier=earlier, principal=principal),)
