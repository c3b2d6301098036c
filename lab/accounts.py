"""The accounts and groups of a domain as one controller shows them, above all the delegation of the hosts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID

from checks.windows.service_names import MIGRATION_SERVICE
from checks.windows.times import NEVER, number
from lab import blobs
from lab.principals import Key, Principal, Principals
from lab.scenario import ControllerSpec, Delegation, Group, GroupScope, HostSpec, User

Value: TypeAlias = str | int | bytes | Iterable[str] | Iterable[bytes]

_NOW = datetime.now(UTC).replace(microsecond=0)
CREATED = _NOW - timedelta(days=320)
STALE = _NOW - timedelta(days=90)
CHANGED = _NOW - timedelta(days=26, hours=3)
"""When the delegation of the hosts was last changed, before any of them was started; controllers that lag behind still show the state of
STALE."""

_USER_ACCOUNT_CONTROL = 0x00090008
_ALLOWED_TO_DELEGATE_TO = 0x000906FB
_ALLOWED_TO_ACT = 0x00090886
_SERVICE_PRINCIPAL_NAME = 0x00090303
_GROUP_TYPE = 0x000902EE
_ENCRYPTION_TYPES = 0x000907AB
_SID_HISTORY = 0x00090261
"""Numbers of the attributes in replPropertyMetaData."""

_SCHEMA_GUID = {
    "useraccountcontrol": UUID("bf967a68-0de6-11d0-a285-00aa003049e2"),
    "serviceprincipalname": UUID("f3a64788-5306-11d1-a9c5-0000f80367c1"),
    "msds-allowedtodelegateto": UUID("800d94d7-b7a1-42a1-b14d-7cae1423d07f"),
    "msds-supportedencryptiontypes": UUID("20119867-1d04-4ab7-9371-cfc3d5df0afd"),
    "msds-allowedtoactonbehalfofotheridentity": UUID("3f78c3e5-f79a-46bd-a0b8-9d18116ddc79"),
}

_ALLOWED_TO_AUTHENTICATE = UUID("68b1d179-0d15-4d4f-ab71-46152e79a7bc")
_CONTROL_ACCESS = 0x100
"""The extended right, and the bit under which it stands ([MS-ADTS] 5.1.3.2.1)."""

_ACCOUNT_DISABLED = 0x2
_LOCKOUT = 0x10
_NORMAL_ACCOUNT = 0x200
_WORKSTATION_TRUST = 0x1000
_SERVER_TRUST = 0x2000
_ANY_SERVICE = 0x80000
_NOT_DELEGATED = 0x100000
_PASSWORD_EXPIRED = 0x800000
_ANY_PROTOCOL = 0x1000000

_SECURITY_ENABLED = 0x80000000
_BUILTIN_LOCAL = 0x1
_SCOPE = {GroupScope.GLOBAL: 0x2, GroupScope.LOCAL: 0x4, GroupScope.UNIVERSAL: 0x8}

_SERVICES = ("HOST", "RestrictedKrbHost", "WSMAN")
_HYPERV_SERVICES = ("Hyper-V Replica Service", "Microsoft Virtual Console Service", MIGRATION_SERVICE)


class Entry(NamedTuple):
    """`classes` are the object classes from the top down without `top`; attributes without a value are not there."""

    name: str
    classes: str
    attributes: dict[str, Value]
    changed: datetime = CHANGED


class Accounts:
    """The accounts of one domain as one of its controllers shows them. `controllers` are all of the domain's; `first_usn` is
    where this one's update sequence numbers start."""

    def __init__(
        self, principals: Principals, domain: str, head: str, controllers: dict[str, ControllerSpec], controller: str, first_usn: int
    ) -> None:
        self._principals, self._domain, self._head = principals, domain, head
        self._controllers, self._controller, self._first_usn = controllers, controller, first_usn
        self._origin = blobs.guid(f"{domain}/database of {next(iter(controllers))}")

    def entries(self) -> Iterator[Entry]:
        for principal in self.own():
            match principal.spec:
                case Group() as group:
                    yield self._group(principal, group)
                case User() as user:
                    yield self._user(principal, user)
                case HostSpec() as host:
                    yield self._host(principal, host)
                case None:
                    yield self._computer(principal, _SERVER_TRUST | _ANY_SERVICE)
        yield from self._foreign_principals()

    def own(self) -> list[Principal]:
        return [principal for principal in self._principals.all.values() if principal.domain == self._domain]

    def constructed(self, principal: Principal) -> dict[str, Value]:
        """What is computed of an account when it is asked for ([MS-ADTS] 3.1.1.4.5.17, .19 and .33)."""
        behind = {name.casefold() for name in self._controllers[self._controller].not_yet}
        groups: dict[str, Value] = {"tokenGroups": [blobs.sid(sid) for sid in self._principals.token_groups(principal, without=behind)]}
        user = principal.spec
        if not isinstance(user, User):
            return groups
        expired = user.must_change_password or (user.password_expires_h is not None and user.password_expires_h <= 0)
        return groups | {
            "msDS-User-Account-Control-Computed": (_LOCKOUT if user.locked else 0) | (_PASSWORD_EXPIRED if expired else 0),
            "msDS-UserPasswordExpiryTimeComputed": 0 if user.must_change_password else _in_hours(user.password_expires_h),
        }

    def _common(self, principal: Principal) -> dict[str, Value]:
        groups = (self._principals.all[key] for key in self._principals.groups[principal.key])
        primary = self._principals.all[principal.primary] if principal.primary else None
        return {
            "objectSid": blobs.sid(principal.sid),
            "sAMAccountName": principal.name,
            "memberOf": [group.dn for group in groups if group.domain == self._domain],
            "primaryGroupID": _rid(primary) if primary else (),
            "uSNChanged": self._usn(principal),
            "nTSecurityDescriptor": self._security_descriptor(principal.spec),
        }

    def _security_descriptor(self, spec: User | Group | HostSpec | None) -> bytes:
        """Everybody with an account may read everything, but for what this controller denies."""
        allowed = spec.may_authenticate if isinstance(spec, HostSpec) else ()
        trustees = (self._principals.computer_or_account(name, self._domain) for name in allowed)
        hidden = (_SCHEMA_GUID.get(name.casefold()) for name in self._controllers[self._controller].denied)
        denials = [blobs.Permission(blobs.AUTHENTICATED_USERS, blobs.READ_PROPERTY, allow=False, attribute=guid) for guid in hidden if guid]
        return blobs.security_descriptor(
            [
                *denials,
                *(blobs.Permission(trustee.sid, _CONTROL_ACCESS, attribute=_ALLOWED_TO_AUTHENTICATE) for trustee in trustees),
                blobs.Permission(blobs.ADMINISTRATORS, blobs.FULL_CONTROL),
                blobs.Permission(blobs.AUTHENTICATED_USERS, blobs.READ),
            ]
        )

    def _usn(self, principal: Principal) -> int:
        return self._first_usn + _rid(principal)

    def _group(self, principal: Principal, group: Group) -> Entry:
        members = (self._principals.all[key] for key in self._members(principal))
        builtin = _BUILTIN_LOCAL if principal.sid.startswith("S-1-5-32-") else 0
        attributes: dict[str, Value] = {
            "groupType": (0 if group.distribution else _SECURITY_ENABLED - (1 << 32)) + (_SCOPE[group.scope] | builtin),
            "sAMAccountType": 0x20000000 if group.scope is GroupScope.LOCAL else 0x10000000,
            "member": [self._member(member) for member in members],
            **self._history(principal, group.history, _GROUP_TYPE),
        }
        return Entry(principal.dn, "group", self._common(principal) | attributes)

    def _members(self, principal: Principal) -> list[Key]:
        behind = {name.casefold() for name in self._controllers[self._controller].not_yet}
        return [] if principal.name.casefold() in behind else self._principals.members[principal.key]

    def _history(self, principal: Principal, history: tuple[str, ...], written: int) -> dict[str, Value]:
        """The former SIDs, and that these were written beside one more attribute."""
        kinds = (written, *((_SID_HISTORY,) if history else ()))
        changes = [blobs.Change(kind, 2, CREATED, self._origin, 11_000, self._usn(principal)) for kind in sorted(kinds)]
        return {"sIDHistory": [blobs.sid(sid) for sid in history], "replPropertyMetaData": blobs.replication_metadata(changes)}

    def _member(self, member: Principal) -> str:
        """Members from other domains of the forest stand with their own names, those of other forests as foreign principals."""
        if self._principals.forests.same(member.domain, self._domain):
            return member.dn
        return self._foreign_name(member)

    def _foreign_name(self, member: Principal) -> str:
        return f"CN={member.sid},CN=ForeignSecurityPrincipals,{self._head}"

    def _foreign_principals(self) -> Iterator[Entry]:
        own_groups = {principal.key: principal.dn for principal in self.own()}
        for key, groups in [*self._principals.groups.items()]:
            member = self._principals.all[key]
            here = [own_groups[group] for group in groups if group in own_groups]
            if here and not self._principals.forests.same(member.domain, self._domain):
                attributes: dict[str, Value] = {"objectSid": blobs.sid(member.sid), "memberOf": here}
                yield Entry(self._foreign_name(member), "foreignSecurityPrincipal", attributes)

    def _user(self, principal: Principal, user: User) -> Entry:
        flags = (_NOT_DELEGATED if user.sensitive else 0) | (_ACCOUNT_DISABLED if user.disabled else 0)
        attributes: dict[str, Value] = {
            "userAccountControl": _NORMAL_ACCOUNT | flags,
            "accountExpires": _in_hours(user.expires_h),
            "userPrincipalName": f"{user.name}@{self._domain}",
            "servicePrincipalName": user.services,
            "sAMAccountType": 0x30000000,
            **self._history(principal, user.history, _USER_ACCOUNT_CONTROL),
        }
        return Entry(principal.dn, "person organizationalPerson user", self._common(principal) | attributes)

    def _host(self, principal: Principal, host: HostSpec) -> Entry:
        name = principal.name.removesuffix("$").casefold()
        views = {
            controller: next((shown for key, shown in spec.stale.items() if key.casefold() == name), host.delegation)
            for controller, spec in self._controllers.items()
        }
        shown = views[self._controller]
        usn = self._usn(principal)
        changes = [*self._changes(shown, host.delegation, list(views.values()), usn)]
        if host.encryption_types is not None:
            changes.append(blobs.Change(_ENCRYPTION_TYPES, 1, CREATED, self._origin, 11_100, usn))
        services = _SERVICES + (_HYPERV_SERVICES if host.hyperv else ())
        full = host.registered or f"{principal.name.removesuffix('$')}.{host.suffix or self._domain}"
        entry = self._computer(principal, _control(shown), services, host.migration_names, full, host.aliases)
        delegation: dict[str, Value] = {
            "msDS-AllowedToDelegateTo": shown.to,
            "msDS-AllowedToActOnBehalfOfOtherIdentity": self._may_act(shown),
            "msDS-SupportedEncryptionTypes": () if host.encryption_types is None else host.encryption_types,
            "replPropertyMetaData": blobs.replication_metadata(changes),
        }
        changed = CHANGED if shown == host.delegation else STALE
        return entry._replace(attributes=entry.attributes | delegation, changed=changed)

    def _computer(
        self,
        principal: Principal,
        control: int,
        services: tuple[str, ...] = _SERVICES,
        migration: tuple[str, ...] | None = None,
        full: str = "",
        aliases: tuple[str, ...] = (),
    ) -> Entry:
        short = principal.name.removesuffix("$")
        full = full or f"{short}.{self._domain}"
        own = (short, full)
        names = {service: own if service != MIGRATION_SERVICE or migration is None else migration for service in services}
        attributes: dict[str, Value] = {
            "userAccountControl": control,
            "dNSHostName": full,
            "sAMAccountType": 0x30000001,
            "servicePrincipalName": [f"{service}/{name}" for service, its in names.items() for name in its],
            "msDS-AdditionalDnsHostName": aliases,
            "msDS-AdditionalSamAccountName": [f"{name.partition('.')[0]}$" for name in aliases],
        }
        return Entry(principal.dn, "person organizationalPerson user computer", self._common(principal) | attributes)

    def _may_act(self, delegation: Delegation) -> Value:
        if not delegation.resource_based:
            return ()
        return blobs.may_act_on_behalf(
            name if name.startswith("S-1-") else self._principals.computer_or_account(name, self._domain).sid
            for name in delegation.resource_based
        )

    def _changes(self, shown: Delegation, now: Delegation, views: list[Delegation], usn: int) -> Iterator[blobs.Change]:
        """The changes this controller knows of. A value that no controller shows was never written; one that this controller
        does not show as it is now, it knows in its former version or not at all."""
        former, current = 2, 3
        at = CHANGED if now.changed_h is None else _NOW - timedelta(hours=now.changed_h)
        for kind, known, true, ever in (
            (_USER_ACCOUNT_CONTROL, _control(shown), _control(now), True),
            (_SERVICE_PRINCIPAL_NAME, True, True, True),
            (_ALLOWED_TO_DELEGATE_TO, shown.to, now.to, any(view.to for view in views)),
            (_ALLOWED_TO_ACT, shown.resource_based, now.resource_based, any(view.resource_based for view in views)),
        ):
            if known == true and ever:
                yield blobs.Change(kind, current, at, self._origin, 11_300, usn)
            elif known != true and known:
                yield blobs.Change(kind, former, STALE, self._origin, 11_200, usn)


def _in_hours(hours: int | None) -> int:
    return NEVER if hours is None else number(_NOW + timedelta(hours=hours))


def _rid(principal: Principal) -> int:
    return int(principal.sid.rsplit("-", 1)[1])


def _control(delegation: Delegation) -> int:
    bits = (_ANY_PROTOCOL if delegation.any_protocol else 0) | (_ANY_SERVICE if delegation.any_service else 0)
    return _WORKSTATION_TRUST | bits
