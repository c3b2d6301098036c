"""The domain as a host sees it."""

from __future__ import annotations

from checks.facts.directory import Locator, SecureChannel, TrustDirection
from lab.host.described import Described


class Directory(Described):
    """The sections of the topic."""

    def locators(self) -> tuple[Locator, ...]:
        """The host's own domain, and each domain of the forest's that its own trusts."""
        if self.domain is None:
            return ()
        trusted = [
            trust.partner for trust in self.domain.trusts if trust.direction in (TrustDirection.OUTBOUND, TrustDirection.BIDIRECTIONAL)
        ]
        return tuple(
            self._locator(domain, self.spec.controller if domain == self.spec.domain else "")
            for domain in (self.spec.domain, *trusted)
            if domain in self.scenario.domains and self.scenario.domains[domain].controllers
        )

    def secure_channel(self) -> SecureChannel:
        """As a scenario says (`facts`). A host of a workgroup has none (lab.visit)."""
        return SecureChannel(works=True)

    def _locator(self, domain: str, controller: str) -> Locator:
        spec = self.scenario.domains[domain]
        return Locator(
            domain=spec.netbios,
            controller=f"{controller or next(iter(spec.controllers))}.{domain}",
            address="127.0.0.1",
            forest=spec.forest or domain,
            site="Default-First-Site-Name",
        )
