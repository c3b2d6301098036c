"""What the lab knows of Windows, as data: its versions and what each lacks, its languages and what each says."""

from __future__ import annotations

from typing import NamedTuple


class Windows(NamedTuple):
    """One version of Windows Server. `engine` is its Windows PowerShell, `vm_versions` are the configuration versions that
    Get-VMHostSupportedVersion lists, oldest first (the cmdlet exists since 2016), `rule` is the version of its firewall rules.
    `vm_property`, `performance_option` and `generations` tell whether it has Get-VM's Version, the migration performance option and VM
    generations, `processor_mode` whether compatibility of processors has modes. What a whole section needs stands in its declaration
    (checks.facts)."""

    name: str
    build: int
    update_revision: int | None
    engine: str
    rule: str
    vm_versions: tuple[str, ...] = ()
    vm_property: bool = True
    performance_option: bool = True
    generations: bool = True
    processor_mode: bool = False

    @property
    def default_vm_version(self) -> str | None:
        """The configuration version of a new VM."""
        if self.vm_versions:
            return self.vm_versions[-1]
        return "5.0" if self.vm_property else None

    @property
    def protocol(self) -> str:
        """The version of the remoting protocol that its engine speaks."""
        return "2.2" if self.engine in ("3.0", "4.0") else "2.3"

    @property
    def build_version(self) -> str:
        """BuildVersion of its $PSVersionTable."""
        return {"3.0": "6.2.9200.16384", "4.0": "6.3.9600.16384"}.get(self.engine, f"10.0.{self.engine.removeprefix('5.1.')}")

    @property
    def compatible(self) -> tuple[str, ...]:
        """PSCompatibleVersions of its $PSVersionTable."""
        older = [version for version in ("1.0", "2.0", "3.0", "4.0", "5.0") if version < self.engine]
        return (*older, self.engine)


_TO_2016 = ("5.0", "6.2", "7.0", "7.1", "8.0")
_FROM_2016 = ("8.0", "8.1", "8.2", "8.3", "9.0")

VERSIONS: dict[str, Windows] = {
    "2012": Windows(
        "Windows Server 2012",
        9200,
        None,
        "3.0",
        "v2.20",
        vm_property=False,
        performance_option=False,
        generations=False,
    ),
    "2012r2": Windows("Windows Server 2012 R2", 9600, 21620, "4.0", "v2.22"),
    "2016": Windows("Windows Server 2016", 14393, 7159, "5.1.14393.7155", "v2.26", _TO_2016),
    "2019": Windows("Windows Server 2019", 17763, 5936, "5.1.17763.5933", "v2.29", _TO_2016 + _FROM_2016[1:]),
    "2022": Windows(
        "Windows Server 2022", 20348, 2527, "5.1.20348.2522", "v2.31", (*_FROM_2016, "9.1", "9.2", "9.3", "10.0"), processor_mode=True
    ),
    "2025": Windows(
        "Windows Server 2025",
        26100,
        1742,
        "5.1.26100.1591",
        "v2.33",
        (*_FROM_2016, "9.1", "9.2", "9.3", "10.0", "11.0", "12.0"),
        processor_mode=True,
    ),
}


class Language(NamedTuple):
    """What Windows says in one language; `{0}` in `unknown_command` stands for the command."""

    vendor: str
    system_account: str
    access_denied: str
    invalid_namespace: str
    unknown_command: str


LANGUAGES: dict[str, Language] = {
    "en-US": Language(
        "Microsoft",
        "NT AUTHORITY\\SYSTEM",
        "Access denied",
        "Invalid namespace",
        "The term '{0}' is not recognized as the name of a cmdlet.",
    ),
    "de-DE": Language(
        "Microsoft",
        "NT-AUTORITÄT\\SYSTEM",
        "Zugriff verweigert",
        "Ungültiger Namespace",
        'Die Benennung "{0}" wurde nicht als Name eines Cmdlets erkannt.',
    ),
    "ru-RU": Language(
        "Майкрософт",
        "NT AUTHORITY\\СИСТЕМА",
        "Отказано в доступе",
        "Неправильное пространство имен",
        'Имя "{0}" не распознано как имя командлета.',
    ),
}
