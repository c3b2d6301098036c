"""How the domains of a scenario belong together: forests, parents and children."""

from __future__ import annotations

from lab.scenario import DomainSpec, Scenario


class Forests:
    """The domains of a scenario. Names are compared without case and answered as the scenario spells them."""

    def __init__(self, scenario: Scenario) -> None:
        self._names = {name.casefold(): name for name in scenario.domains}
        self._specs = {name.casefold(): spec for name, spec in scenario.domains.items()}
        self._by_netbios = {spec.netbios.casefold(): name for name, spec in scenario.domains.items()}

    def spec(self, domain: str) -> DomainSpec | None:
        return self._specs.get(domain.casefold())

    def by_netbios(self, netbios: str) -> str | None:
        return self._by_netbios.get(netbios.casefold())

    def root(self, domain: str) -> str:
        """The root domain of a domain's forest, which need not be in the scenario."""
        spec = self.spec(domain)
        stated = (spec.forest if spec else "") or domain
        return self._names.get(stated.casefold(), stated)

    def is_root(self, domain: str) -> bool:
        return self.root(domain).casefold() == domain.casefold()

    def same(self, one: str, other: str) -> bool:
        return self.root(one).casefold() == self.root(other).casefold()

    def members(self, domain: str) -> list[str]:
        """All domains of the forest of a domain."""
        return [name for name in self._names.values() if self.same(name, domain)]

    def parent(self, domain: str) -> str | None:
        """The domain above in the tree; for the head of another tree the root of the forest; nothing for that root."""
        above = self._names.get(domain.partition(".")[2].casefold())
        if above and self.same(above, domain):
            return above
        return None if self.is_root(domain) else self._names.get(self.root(domain).casefold())

    def neighbours(self, domain: str) -> list[str]:
        """The domains that trust this one by themselves: its parent and its children."""
        return [name for name in self.members(domain) if name == self.parent(domain) or self.parent(name) == domain]

    def children(self, domain: str) -> list[str]:
        """The domains whose names lie directly or deeper below this one's."""
        return [name for name in self.members(domain) if name.casefold().endswith(f".{domain.casefold()}")]
