"""Answers search requests from a directory: scopes, attributes, and the refusals of a domain controller."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from sansldap import FilterPresent, LDAPResultCode, PartialAttribute, SearchRequest, SearchScope
from sansldap.asn1 import ASN1Reader

from lab import dn, ldap_schema
from lab.directory import DOMAIN_SCOPE, SD_FLAGS, Attributes, Directory
from lab.dn import Dn
from lab.ldap_filter import Filters
from lab.ldap_wire import MALFORMED

_BIND_FIRST = (
    "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed on"
    " the connection., data 0, v4f7c"
)
_NO_OBJECT = "0000208D: NameErr: DSID-0310028B, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'{}'\n"
_BAD_NAME = "0000208F: NameErr: DSID-0310022A, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'{}'\n"
_REFERRAL = "0000202B: RefErr: DSID-0310082F, data 0, 1 access points\n\tref 1: '{}'\n"
_BASE_ONLY = "00002120: SvcErr: DSID-03140BA5, problem 5003 (WILL_NOT_PERFORM), data 0"

_AUDIT_LIST = 0x8


class Found(NamedTuple):
    """An entry of an answer: its name as it is written, and the attributes that were asked for."""

    name: str
    attributes: list[PartialAttribute]


class Refusal(Exception):
    """A search that ends with a result code other than success."""

    def __init__(self, code: LDAPResultCode, message: str, matched: str = "", referral: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.matched, self.referral = code, message, matched, referral


class Searches:
    """Searches in one directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._filters = Filters(directory)

    def run(self, request: SearchRequest, user: str) -> tuple[list[Found], list[str]]:
        """The entries found and the continuation references (LDAP URLs). Without a user only the root entry may be read.
        Raises Refusal."""
        if not request.base_object and request.scope is SearchScope.BASE:
            return self._root(request, user), []
        if not user:
            raise Refusal(LDAPResultCode.OPERATIONS_ERROR, _BIND_FIRST)
        base = self._base(request.base_object)
        wanted = [attribute.casefold() for attribute in request.attributes]
        if request.scope is not SearchScope.BASE and any(name.casefold() in wanted for name in ldap_schema.CONSTRUCTED):
            raise Refusal(LDAPResultCode.OPERATIONS_ERROR, _BASE_ONLY)
        test = self._filters.test(request.filter)
        entries = [self._found(name, request) for name in self._in_scope(base, request.scope) if test(name)]
        whole_domain = base == self._directory.naming_contexts[0] and request.scope is SearchScope.SUBTREE
        stay_here = any(control.control_type == DOMAIN_SCOPE for control in request.controls)
        return entries, list(self._directory.references) if whole_domain and not stay_here else []

    def _root(self, request: SearchRequest, user: str) -> list[Found]:
        if not isinstance(request.filter, FilterPresent) or request.filter.attribute.casefold() != "objectclass":
            return []
        root = self._directory.root(datetime.now(UTC))
        return [Found("", _selected(root, self._directory.root_constructed(user), request, frozenset()))]

    def _base(self, text: str) -> Dn:
        try:
            base = self._filters.name(text)
        except ValueError:
            if text[:1] == "<":
                raise self._no_object(()) from None
            raise Refusal(LDAPResultCode.INVALID_DN_SYNTAX, _BAD_NAME.format(text)) from None
        if base in self._directory.entries:
            return base
        domain = dn.domain_of(base)
        if (domain and self._directory.context_of(base) is None) or self._is_reference(base):
            url = f"ldap://{domain}/{text}"
            raise Refusal(LDAPResultCode.REFERRAL, _REFERRAL.format(domain), referral=url)
        raise self._no_object(base)

    def _is_reference(self, base: Dn) -> bool:
        """Whether the name lies in a naming context below the domain that other servers hold."""
        contexts = (dn.parse(url.rsplit("/", 1)[1]) for url in self._directory.references)
        return self._directory.context_of(base) == self._directory.naming_contexts[0] and any(
            base[-len(context) :] == context for context in contexts
        )

    def _no_object(self, base: Dn) -> Refusal:
        """Names the nearest object above that exists, as domain controllers do."""
        above = next((base[i:] for i in range(len(base)) if base[i:] in self._directory.entries), None)
        matched = self._written(above) if above else ""
        return Refusal(LDAPResultCode.NO_SUCH_OBJECT, _NO_OBJECT.format(matched), matched)

    def _written(self, name: Dn) -> str:
        return self._directory.entries[name]["distinguishedName"][0].decode()

    def _in_scope(self, base: Dn, scope: SearchScope) -> list[Dn]:
        if scope is SearchScope.BASE:
            return [base]
        if scope is SearchScope.ONE_LEVEL:
            inside = [name for name in self._directory.entries if name[1:] == base]
        else:
            inside = [name for name in self._directory.entries if name[-len(base) :] == base]
        context = self._directory.context_of(base)
        return [name for name in inside if self._directory.context_of(name) == context]

    def _found(self, name: Dn, request: SearchRequest) -> Found:
        stored, computed = self._directory.entries[name], self._directory.constructed.get(name, {})
        return Found(self._written(name), _selected(stored, computed, request, self._directory.denied))


def _selected(stored: Attributes, computed: Attributes, request: SearchRequest, denied: frozenset[str]) -> list[PartialAttribute]:
    """The attributes asked for: none for 1.1 alone, all stored ones for * or nothing, computed ones only by their names."""
    wanted = {attribute.casefold() for attribute in request.attributes}
    everything = not wanted or "*" in wanted
    chosen = {
        name: values
        for name, values in stored.items()
        if name.casefold() in wanted or (everything and name != ldap_schema.SECURITY_DESCRIPTOR)
    }
    chosen |= {name: values for name, values in computed.items() if name.casefold() in wanted}
    if not _without_audit_list(request):
        chosen.pop(ldap_schema.SECURITY_DESCRIPTOR, None)
    return [
        PartialAttribute(name, [] if request.types_only else values)
        for name, values in chosen.items()
        if name.casefold() not in denied and values
    ]


def _without_audit_list(request: SearchRequest) -> bool:
    """Whether the parts of the security descriptor that the client asks for leave out its audit list (SDFlags, [MS-ADTS]
    3.1.1.3.4.1.11), which nobody here has the privilege to read."""
    for control in request.controls:
        if control.control_type == SD_FLAGS:
            try:
                flags = ASN1Reader(control.value or b"").read_sequence().read_integer()
            except MALFORMED:
                return False
            return flags & _AUDIT_LIST == 0
    return False
