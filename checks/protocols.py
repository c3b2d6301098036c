"""How the migration protocols are called."""

from __future__ import annotations

from checks.facts import MigrationAuthentication

PROTOCOL_NAMES: dict[MigrationAuthentication, str] = {
    MigrationAuthentication.CREDSSP: "CredSSP",
    MigrationAuthentication.KERBEROS: "Kerberos",
}
