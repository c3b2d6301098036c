"""What each domain controller of a scenario holds: the entries, the root entry, and what it hides or has not heard of yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from lab import blobs, dn
from lab.accounts import CREATED, Accounts, Entry, Value
from lab.dn import Dn
from lab.ldap_schema import CATEGORY
from lab.principals import Principals
from lab.scenario import DomainSpec, Scenario, TrustSpec
from lab.sids import Sids

Attributes: TypeAlias = dict[str, list[bytes]]

_FOREST = 0x8
_WITHIN_FOREST = 0x20
_SID_ADMIN_DISABLED = 0x1
"""A flag of a routed domain ([MS-ADTS] 6.1.6.9.3.1): an administrator switched its SID off."""
_CAPABILITIES = ("1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670", "1.2.840.113556.1.4.1791", "1.2.840.113556.1.4.1935")

PAGED_RESULTS = "1.2.840.113556.1.4.319"
DOMAIN_SCOPE = "1.2.840.113556.1.4.1339"
SD_FLAGS = "1.2.840.113556.1.4.801"
SHOW_DELETED = "1.2.840.113556.1.4.417"
CONTROLS = (PAGED_RESULTS, DOMAIN_SCOPE, SD_FLAGS, SHOW_DELETED)
START_TLS = "1.3.6.1.4.1.1466.20037"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"


@dataclass(frozen=True)
class Directory:
    """One controller's copy.

    `entries` maps normalized names to the stored attributes, `constructed` to those which are only computed when asked for.
    `names` are the objects that have a SID, also those of the forest's other domains, `tokens` the SIDs that users have when signed
    in here, by each form of their names in lower case. `references` are the naming contexts
    below the domain that are not held here (LDAP URLs). `denied` are attributes (lower case) that nobody may read here.
    The first of `naming_contexts` is the domain itself.
    """

    domain: str
    netbios: str
    controller: str
    naming_contexts: tuple[Dn, ...]
    entries: dict[Dn, Attributes]
    constructed: dict[Dn, Attributes]
    names: dict[bytes, Dn]
    tokens: dict[str, list[bytes]]
    references: tuple[str, ...]
    denied: frozenset[str]
    fixed_root: Attributes
    clock_offset: timedelta

    def root(self, now: datetime) -> Attributes:
        """The root entry (rootDSE), when it is `now` for everybody else."""
        return {**self.fixed_root, "currentTime": _values(blobs.generalized_time(now + self.clock_offset))}

    def root_constructed(self, user: str) -> Attributes:
        """What the root entry computes when asked for it: who the client is ([MS-ADTS] 3.1.1.3.2)."""
        return {"tokenGroups": self.tokens.get(user.casefold(), [])}

    def context_of(self, name: Dn) -> Dn | None:
        """The naming context that an entry of this name lies in, or nothing when it would not be held here."""
        held = [context for context in self.naming_contexts if name[-len(context) :] == context]
        return max(held, key=len, default=None)


def build(scenario: Scenario) -> dict[tuple[str, str], Directory]:
    """The directory of every controller, by the DNS name of its domain and its short name as the scenario spells them.
    Raises ScenarioError for names that the scenario uses and does not have."""
    principals = Principals(scenario, Sids(scenario))
    return {
        (domain, controller): _Controller(principals, domain, spec, controller).directory()
        for domain, spec in scenario.domains.items()
        for controller in spec.controllers
    }


class _Controller:
    """Writes the entries of one controller."""

    def __init__(self, principals: Principals, domain: str, spec: DomainSpec, controller: str) -> None:
        self._principals, self._forests = principals, principals.forests
        self._domain, self._spec, self._controller = domain, spec, controller
        self._root_domain = self._forests.root(domain)
        self._head = dn.of_domain(domain)
        self._configuration = f"CN=Configuration,{dn.of_domain(self._root_domain)}"
        self._schema = f"CN=Schema,{self._configuration}"
        self._partitions = f"CN=Partitions,{self._configuration}"
        self._position = list(spec.controllers).index(controller)
        self._first_usn = 12_000 + 40_000 * self._position
        self._entries: dict[Dn, Attributes] = {}

    def directory(self) -> Directory:
        accounts = Accounts(self._principals, self._domain, self._head, self._spec.controllers, self._controller, self._first_usn)
        entries = [*self._containers(), *accounts.entries(), *self._trusts(), *self._cross_references()]
        stored = {dn.parse(entry.name): self._stored(entry) for entry in entries}
        constructed = {
            dn.parse(principal.dn): {name: _values(value) for name, value in accounts.constructed(principal).items()}
            for principal in accounts.own()
        }
        forest = (item for item in self._principals.all.values() if self._forests.same(item.domain, self._domain))
        held = {attributes["objectSid"][0]: name for name, attributes in stored.items() if "objectSid" in attributes}
        return Directory(
            domain=self._domain,
            netbios=self._spec.netbios,
            controller=self._controller,
            naming_contexts=tuple(dn.parse(name) for name in (self._head, self._configuration, self._schema)),
            entries=stored,
            constructed=constructed,
            names={blobs.sid(principal.sid): dn.parse(principal.dn) for principal in forest} | held,
            tokens={user: [blobs.sid(sid) for sid in sids] for user, sids in self._principals.tokens(self._domain).items()},
            references=tuple(self._references()),
            denied=frozenset(name.casefold() for name in self._spec.controllers[self._controller].denied),
            fixed_root=self._root(),
            clock_offset=timedelta(seconds=self._spec.controllers[self._controller].clock_offset_s),
        )

    def _stored(self, entry: Entry) -> Attributes:
        kind = entry.classes.split()[-1]
        common: dict[str, Value] = {
            "objectClass": ("top", *entry.classes.split()),
            "distinguishedName": entry.name,
            "name": dn.first_value(entry.name),
            entry.name.partition("=")[0].lower(): dn.first_value(entry.name),
            "objectGUID": blobs.guid(entry.name),
            "objectCategory": f"CN={CATEGORY.get(kind.casefold(), kind)},{self._schema}",
            "instanceType": 4,
            "whenCreated": blobs.generalized_time(CREATED),
            "whenChanged": blobs.generalized_time(entry.changed + timedelta(seconds=15 * self._position)),
            "uSNChanged": self._first_usn,
        }
        values = {name: _values(value) for name, value in (common | entry.attributes).items()}
        return {name: value for name, value in values.items() if value}

    def _containers(self) -> list[Entry]:
        head: dict[str, Value] = {"objectSid": blobs.sid(self._spec.sid), "msDS-AllowedDNSSuffixes": self._spec.dns_suffixes}
        return [
            Entry(self._head, "domain domainDNS", head),
            *(
                Entry(f"CN={name},{self._head}", "container", {})
                for name in ("Users", "Computers", "Builtin", "System", "ForeignSecurityPrincipals")
            ),
            Entry(f"OU=Domain Controllers,{self._head}", "organizationalUnit", {}),
            Entry(self._configuration, "configuration", {}),
            Entry(self._schema, "dMD", {}),
            Entry(self._partitions, "crossRefContainer", {}),
        ]

    def _trusts(self) -> list[Entry]:
        stated = {trust.partner.casefold() for trust in self._spec.trusts}
        neighbours = (name for name in self._forests.neighbours(self._domain) if name.casefold() not in stated)
        implied = (TrustSpec(name, attributes=_WITHIN_FOREST) for name in neighbours)
        unheard = {name.casefold() for name in self._spec.controllers[self._controller].trusts_not_yet}
        return [self._trust(trust) for trust in (*self._spec.trusts, *implied) if trust.partner.casefold() not in unheard]

    def _trust(self, trust: TrustSpec) -> Entry:
        partner = self._forests.spec(trust.partner)
        attributes: dict[str, Value] = {
            "trustPartner": trust.partner,
            "flatName": partner.netbios if partner else trust.partner.split(".")[0].upper(),
            "trustDirection": int(trust.direction),
            "trustType": trust.type,
            "trustAttributes": trust.attributes,
            "securityIdentifier": blobs.sid(trust.sid or partner.sid) if partner else (),
            "msDS-TrustForestTrustInfo": blobs.forest_trust_info(self._routed(trust)) if trust.attributes & _FOREST and partner else (),
        }
        return Entry(dn.child("CN", trust.partner, f"CN=System,{self._head}"), "leaf trustedDomain", attributes)

    def _routed(self, trust: TrustSpec) -> Iterator[blobs.Routed]:
        """What a forest trust routes: the name of each tree of the partner's forest, and each domain with its SID."""
        members = self._forests.members(trust.partner)
        for name in members:
            if not any(name in self._forests.children(other) for other in members):
                yield blobs.Routed(0, name)
        off = {name.casefold() for name in trust.not_routed}
        for name in members:
            if spec := self._forests.spec(name):
                yield blobs.Routed(2, name, _SID_ADMIN_DISABLED if name.casefold() in off else 0, spec.sid, spec.netbios)

    def _cross_references(self) -> list[Entry]:
        """One for each domain of the forest, and the two of the forest's own contexts, which have no NetBIOS name."""
        forest_wide = (("Enterprise Configuration", self._configuration), ("Enterprise Schema", self._schema))
        return [
            *(
                Entry(f"CN={name},{self._partitions}", "crossRef", {"nCName": context, "dnsRoot": self._root_domain, "systemFlags": 1})
                for name, context in forest_wide
            ),
            *(self._cross_reference(name) for name in self._forests.members(self._domain)),
        ]

    def _cross_reference(self, domain: str) -> Entry:
        netbios = self._netbios(domain)
        parent = self._forests.parent(domain)
        attributes: dict[str, Value] = {
            "nCName": dn.of_domain(domain),
            "dnsRoot": domain,
            "nETBIOSName": netbios,
            "trustParent": dn.child("CN", self._netbios(parent), self._partitions) if parent else (),
            "systemFlags": 3,
        }
        return Entry(dn.child("CN", netbios, self._partitions), "crossRef", attributes)

    def _netbios(self, domain: str) -> str:
        spec = self._forests.spec(domain)
        return spec.netbios if spec else domain.split(".")[0].upper()

    def _references(self) -> list[str]:
        below = [f"DomainDnsZones.{self._domain}", *self._forests.children(self._domain)]
        if not self._forests.is_root(self._domain):
            return [_url(name, dn.of_domain(name)) for name in below]
        below.append(f"ForestDnsZones.{self._domain}")
        return [*(_url(name, dn.of_domain(name)) for name in below), _url(self._domain, self._configuration)]

    def _root(self) -> Attributes:
        server = dn.child("CN", self._controller.upper(), f"CN=Servers,CN=Default-First-Site-Name,CN=Sites,{self._configuration}")
        root_domain = self._forests.spec(self._root_domain) or self._spec
        values: dict[str, Value] = {
            "defaultNamingContext": self._head,
            "rootDomainNamingContext": dn.of_domain(self._root_domain),
            "configurationNamingContext": self._configuration,
            "schemaNamingContext": self._schema,
            "namingContexts": (self._head, self._configuration, self._schema),
            "subschemaSubentry": f"CN=Aggregate,{self._schema}",
            "dnsHostName": f"{self._controller}.{self._domain}",
            "ldapServiceName": f"{self._root_domain}:{self._controller}$@{self._domain.upper()}",
            "serverName": server,
            "dsServiceName": f"CN=NTDS Settings,{server}",
            "domainFunctionality": self._spec.level,
            "forestFunctionality": root_domain.level,
            "domainControllerFunctionality": self._spec.controllers[self._controller].level or self._spec.level,
            "highestCommittedUSN": self._first_usn + 20_000,
            "isSynchronized": "TRUE",
            "isGlobalCatalogReady": "TRUE",
            "supportedSASLMechanisms": ("GSSAPI", "GSS-SPNEGO", "EXTERNAL", "DIGEST-MD5"),
            "supportedLDAPVersion": ("3", "2"),
            "supportedControl": CONTROLS,
            "supportedExtension": (START_TLS, WHO_AM_I),
            "supportedCapabilities": _CAPABILITIES,
        }
        return {name: _values(value) for name, value in values.items()}


def _url(host: str, name: str) -> str:
    return f"ldap://{host}/{name}"


def _values(value: Value) -> list[bytes]:
    match value:
        case bytes():
            return [value]
        case str() | int():
            return [str(value).encode()]
        case _:
            return [item if isinstance(item, bytes) else item.encode() for item in value]
