"""How a host takes and gives live migrations."""

from __future__ import annotations

from ipaddress import IPv4Interface

from checks.facts.migration import MigrationListener, MigrationNetwork, MigrationPort, MigrationSettings, PerformanceOption, Socket
from lab.host.described import Described
from lab.scenario import HostSpec

_VMMS = 2140
"""The process of the migration service."""


class Migration(Described):
    """The sections of the topic."""

    def migration(self) -> MigrationSettings:
        return MigrationSettings(
            enabled=self.spec.enabled,
            authentication=self.spec.authentication,
            performance_option=PerformanceOption(self.spec.performance_option) if self.windows.performance_option else None,
            maximum_migrations=self.spec.maximum_migrations,
            maximum_storage_migrations=self.spec.maximum_storage_migrations,
            any_network=self.migration_interface is None,
            machine_folder="D:\\VMs",
            disk_folder="D:\\VMs",
        )

    def migration_networks(self) -> tuple[MigrationNetwork, ...]:
        return (MigrationNetwork(str(self.migration_interface.network), 5000),) if self.migration_interface else ()

    def migration_listener(self) -> MigrationListener:
        return MigrationListener(listening(self.spec), active_migrations=0, active_storage_migrations=0)

    def migration_port(self) -> MigrationPort:
        return MigrationPort(tuple(Socket(each, _VMMS) for each in listening(self.spec)), (_VMMS,) if self.spec.hyperv else ())

    def supported_versions(self) -> tuple[str, ...]:
        return self.windows.vm_versions


def listening(spec: HostSpec) -> tuple[str, ...]:
    """The addresses on which a host accepts migrations: those of its migration network, or all when it names none."""
    if not spec.hyperv or not spec.enabled:
        return ()
    return (str(IPv4Interface(spec.migration or spec.management).ip),)
