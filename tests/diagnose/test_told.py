"""Facts in what people paste: the same output in each shape says the same, and what is cut, negated or unknown says nothing."""

from __future__ import annotations

import json
from pathlib import Path

from checks.errors import Told
from checks.errors.diagnosis import Answers, By, Standing
from checks.errors.observation import OutputKind
from runner.diagnose.answer import answered
from runner.diagnose.told import MOST_FACTS
from tests.diagnose.samples import ENGLISH, HOST, read

PROPERTIES = {
    "ComputerName": "TESTSERVER01",
    "VirtualMachineMigrationAuthenticationType": "CredSSP",
    "VirtualMachineMigrationEnabled": "True",
}
SHAPES = {
    "list": "\n".join(f"{name.ljust(42)}: {value}" for name, value in PROPERTIES.items()),
    "table": (
        "ComputerName VirtualMachineMigrationAuthenticationType VirtualMachineMigrationEnabled\n"
        "------------ ----------------------------------------- ------------------------------\n"
        "TESTSERVER01                                   CredSSP                           True\n"
    ),
    "json": json.dumps(PROPERTIES | {"VirtualMachineMigrationAuthenticationType": 0, "VirtualMachineMigrationEnabled": True}, indent=4),
    "csv": "\n".join(",".join(f'"{each}"' for each in row) for row in (PROPERTIES.keys(), PROPERTIES.values())),
    "clixml": (
        '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0"><Props>'
        '<S N="ComputerName">TESTSERVER01</S><Obj N="VirtualMachineMigrationAuthenticationType" RefId="1"><ToString>CredSSP</ToString>'
        '<I32>0</I32></Obj><B N="VirtualMachineMigrationEnabled">true</B></Props></Obj></Objs>'
    ),
}


def told(text: str, folder: Path) -> set[tuple[Told, str, str | None]]:
    return {(fact.told, fact.value, fact.host) for fact in read(text, folder).facts}


def said(text: str, folder: Path) -> Answers:
    return answered([read(text, folder)])


def test_an_output_tells_the_same_in_each_shape(tmp_path: Path) -> None:
    expected = {(Told.AUTHENTICATION, "credssp", "testserver01"), (Told.MIGRATION_ENABLED, "true", "testserver01")}
    assert {shape: told(text, tmp_path) for shape, text in SHAPES.items()} == dict.fromkeys(SHAPES, expected)


def test_a_column_or_a_list_that_was_cut_and_a_value_that_nobody_knows_tell_nothing(tmp_path: Path) -> None:
    table = (
        "ComputerName VirtualMachineMigrationAuthenticati...\n------------ --------------------------------------\nHV1          CredSSP\n"
    )
    assert told(table, tmp_path) == set()
    assert told("msDS-AllowedToDelegateTo : {cifs/HV2, cifs/HV2.contoso.test...}\n", tmp_path) == set()
    assert told("VirtualMachineMigrationAuthenticationType : Something\n", tmp_path) == set()


def test_settings_behind_a_long_log_count_as_those_before_it(tmp_path: Path) -> None:
    log = "12/05/2026 21:14:03 Information 12345 The virtual machine did something without any trouble.\n" * 2_500
    reading = read(f"{log}\n{SHAPES['list']}\n\nWe move VMs from 2012 R2 to 2022.\n", tmp_path)
    assert {fact.told: fact.line for fact in reading.facts} == {
        Told.AUTHENTICATION: 2_502,
        Told.MIGRATION_ENABLED: 2_502,
        Told.RELEASES: 2_506,
    }
    assert [(each.values["first"], each.values["last"]) for each in reading.problems] == [(1_077, 1_426)]


def test_of_more_settings_than_are_kept_it_is_said_from_which_line_on_they_were_left_out(tmp_path: Path) -> None:
    several = "".join(f"ComputerName : HV{number}\nVirtualMachineMigrationEnabled : True\n\n" for number in range(MOST_FACTS + 2))
    reading = read(several, tmp_path)
    assert len(reading.facts) == MOST_FACTS
    assert [each.values["line"] for each in reading.problems] == [3 * MOST_FACTS + 1]


def test_clauses_tell_what_they_say_and_not_what_they_deny(tmp_path: Path) -> None:
    for text, facts in (
        ("From my PC the move fails, in RDP on the source it works.", {(Told.STARTED, "remote"), (Told.WORKS_AT_SOURCE, "true")}),
        ("It does not work over RDP either.", set()),
        ("We use CredSSP for the migrations of both hosts.", {(Told.AUTHENTICATION, "credssp")}),
        ("We switched the migrations from CredSSP to Kerberos.", set()),
        ("We want to move VMs from 2012 R2 to Windows Server 2022.", {(Told.RELEASES, "without a common version")}),
        ("We want to move VMs from 2016 to 2019.", set()),
        ("The operator is a member of Protected Users.", {(Told.ACCOUNT_PROTECTED, "true")}),
        ("The operator is not a member of Protected Users.", set()),
        ("The hosts are from Intel and AMD.", {(Told.PROCESSORS, "different")}),
        ("Both hosts are the same.", set()),
    ):
        assert {(fact, value) for fact, value, _ in told(text, tmp_path)} == facts, text


def test_a_version_that_the_target_does_not_list_is_told_by_two_tables(tmp_path: Path) -> None:
    text = (
        "Name   State Version\n----   ----- -------\nLMTest Off   5.0\n\n"
        "Name                                  Version IsDefault\n----                                  ------- ---------\n"
        "Microsoft Windows Server 2019         9.0     True\nMicrosoft Windows Server 2016         8.0     False\n"
    )
    assert (Told.RELEASES, "without a common version", None) in told(text, tmp_path)
    assert told(text.replace("5.0", "8.0"), tmp_path) == set()


def test_a_switch_that_one_host_lacks_is_told_by_the_adapter_and_the_list(tmp_path: Path) -> None:
    adapter = "VMName SwitchName MacAddress\n------ ---------- ----------\nLMTest LAN        00155D000001\n\n"
    switches = "Name SwitchType ComputerName\n---- ---------- ------------\n{} External   TESTSERVER02\n"
    assert (Told.SWITCH, "missing", None) in told(adapter + switches.format("WAN "), tmp_path)
    assert told(adapter + switches.format("lan "), tmp_path) == set()
    assert told(adapter.replace("LAN       ", "L...      ") + switches.format("WAN "), tmp_path) == set()
    assert told(switches.format("WAN "), tmp_path) == set()


def test_facts_of_the_text_show_and_rule_out_causes_above_the_code(tmp_path: Path) -> None:
    (answer,) = said(f"From my PC the move fails.\n\n{SHAPES['list']}\n\n{ENGLISH}", tmp_path).diagnosed
    first = answer.diagnosis.causes[0]
    assert (first.cause.id, first.standing, first.carried) == ("credssp_not_logged_on_source", Standing.SHOWN_BY_TEXT, By.TOLD)
    ruled_out = {ranked.cause.id for ranked in answer.diagnosis.causes if ranked.standing is Standing.RULED_OUT_BY_TEXT}
    assert {"kcd_kerberos_only_remote_start", "delegation_missing"} <= ruled_out


def test_a_target_that_lets_the_source_act_rules_out_that_delegation_is_missing(tmp_path: Path) -> None:
    """The list stands in the target's account: whoever is named in another host's, or a container of that name, says nothing."""
    account = (
        "DistinguishedName : CN={},OU=Hosts,DC=contoso,DC=test\n"
        "PrincipalsAllowedToDelegateToAccount : {{CN=HV9,CN=Computers,DC=contoso,DC=test, {}}}\n\n"
    )
    source = "CN=TestServer01,CN=Computers,DC=contoso,DC=test"
    for target, listed, standing in (
        ("TESTSERVER02", source, Standing.RULED_OUT_BY_TEXT),
        ("TESTSERVER02", source[:-8] + "...", Standing.RULED_OUT_BY_TEXT),
        ("TESTSERVER02", "CN=HV8,CN=TestServer01,DC=contoso,DC=test", Standing.OPEN),
        ("TESTSERVER01", source, Standing.OPEN),
    ):
        (answer,) = said(account.format(target, listed) + ENGLISH, tmp_path).diagnosed
        standings = {each.cause.id: each.standing for each in answer.diagnosis.causes}
        assert standings["delegation_missing"] is standing, listed
        assert standings["kcd_kerberos_only_remote_start"] is Standing.OPEN, "a list with Kerberos only keeps it from passing on a ticket"


def test_a_port_that_was_tested_is_told_as_a_list_and_as_a_table(tmp_path: Path) -> None:
    table = (
        "ComputerName RemoteAddress RemotePort TcpTestSucceeded\n"
        "------------ ------------- ---------- ----------------\n"
        "hv2          10.0.0.2            {}            {}\n"
    )
    tested = "ComputerName     : hv2\nRemoteAddress    : 10.0.0.2\nRemotePort       : {}\nInterfaceAlias   : LAN\nTcpTestSucceeded : {}\n"
    for shape in (table, tested):
        assert told(shape.format("6600", "False"), tmp_path) == {(Told.PORT_6600, "closed", "hv2")}
        assert told(shape.format(" 445", "True "), tmp_path) == {(Told.PORT_445, "open", "hv2")}
        assert told(shape.format("8080", "False"), tmp_path) == set()


def test_two_hosts_that_are_told_to_differ_show_a_mismatch_and_one_host_shows_none(tmp_path: Path) -> None:
    other = SHAPES["list"].replace("TESTSERVER01", "TESTSERVER02").replace("CredSSP", "Kerberos")
    (both,) = said(f"{SHAPES['list']}\n\n{other}\n\n{ENGLISH}", tmp_path).diagnosed
    assert both.diagnosis.causes[0].cause.id == "auth_type_mismatch"
    (one,) = said(f"{SHAPES['list']}\n\n{ENGLISH}", tmp_path).diagnosed
    assert "auth_type_mismatch" not in {each.cause.id for each in one.diagnosis.causes if each.standing is not Standing.OPEN}


def test_an_output_without_a_failure_is_said_to_be_one(tmp_path: Path) -> None:
    names = f"Registered ServicePrincipalNames for CN={HOST},CN=Computers,DC=contoso,DC=test:\n\tHOST/TESTSERVER01\n"
    answers = said(names, tmp_path)
    assert (answers.diagnosed, [each.values["names"] for each in answers.noticed]) == ((), [("HOST/TESTSERVER01",)])
    assert {output.kind for output in read(SHAPES["list"], tmp_path).outputs} == {OutputKind.PROPERTIES}


LISTED = "{words} CN=TESTSERVER02,OU=Hosts,DC=contoso,DC=test:\n\tHOST/TESTSERVER02\n\tHOST/testserver02.contoso.test\n"
MIGRATION = "\tMicrosoft Virtual System Migration Service/{}\n"
SHORT, FULL = MIGRATION.format("TESTSERVER02"), MIGRATION.format("testserver02.contoso.test")
FOUND = "CN={},CN=Computers,DC=contoso,DC=test\n"
TICKET = (
    "{words} 0:0x{session}\n\nZwischengespeicherte Tickets: (1)\n\n#0>     Client: {client} @ CONTOSO.TEST\n"
    "        Server: krbtgt/CONTOSO.TEST @ CONTOSO.TEST\n        Ticketkennzeichen 0x{flags} -> renewable initial pre_authent\n"
    "        Startzeit: 11/29/2026 18:00:00 (lokal)\n"
)
GROUPS = (
    "[TESTSERVER02]: PS C:\\> whoami /groups\n\nGroup Name  Type  SID  Attributes\n=========== ==== === =====\n"
    "Jeder  Bekannte Gruppe  S-1-1-0  Verbindlich\nBUILTIN\\Benutzer  Alias  S-1-5-32-545  Verbindlich\n{more}"
    "NT-AUTORITÄT\\NETZWERK  Bekannte Gruppe  S-1-5-2  Verbindlich\n"
)


def test_what_setspn_klist_and_whoami_print_tells_facts_by_its_form_in_any_language(tmp_path: Path) -> None:
    words = "Registrierte Dienstprinzipalnamen für"
    twice = f"Domäne DC=contoso,DC=test wird geprüft\n{FOUND.format('TESTSERVER02')}{SHORT}{FOUND.format('OLD')}{SHORT}\nVorhanden!\n"
    shared = f"{SHORT.strip()} ist für diese Konten registriert:\n\t{FOUND.format('TESTSERVER02')}\t{FOUND.format('SVC')}"
    admins = "BUILTIN\\Administratoren  Alias  S-1-5-32-544  Verbindlich\n"
    for text, expected in (
        (LISTED.format(words=words), {(Told.SERVICE_NAMES, "lacking", "testserver02")}),
        (LISTED.format(words=words) + SHORT + FULL, {(Told.SERVICE_NAMES, "registered", "testserver02")}),
        (LISTED.format(words=words) + SHORT, set()),
        (twice, {(Told.SERVICE_NAMES, "twice", "testserver02")}),
        (shared, {(Told.SERVICE_NAMES, "twice", "testserver02")}),
        (FOUND.format("SVC") + SHORT, {(Told.SERVICE_NAMES, "elsewhere", "testserver02")}),
        (
            TICKET.format(words="Aktuelle LogonId ist", session="5f3a1", client="operator", flags="00e10000"),
            {(Told.FORWARDABLE, "false", None)},
        ),
        (
            TICKET.format(words="Current LogonId is", session="5f3a1", client="operator", flags="40e10000"),
            {(Told.FORWARDABLE, "true", None)},
        ),
        (TICKET.format(words="Current LogonId is", session="3e7", client="TESTSERVER01$", flags="00e10000"), set()),
        (GROUPS.format(more=""), {(Told.RIGHTS, "lacking", "testserver02")}),
        (GROUPS.format(more=admins), {(Told.RIGHTS, "held", "testserver02")}),
        (GROUPS.format(more="").replace("[TESTSERVER02]: ", ""), set()),
    ):
        assert told(text, tmp_path) == expected, text


MACHINE = TICKET.replace("11/29/2026 18:00:00", "{since}")
METADATA = (
    "AttributeName             : msDS-AllowedToDelegateTo\nLastOriginatingChangeTime : {changed}\n"
    "Object                    : CN={of},OU=Hosts,DC=contoso,DC=test\n\n"
)
SHOWN = (
    "PS C:\\> repadmin /showobjmeta DC1 CN={of},OU=Hosts,DC=contoso,DC=test\n\n"
    "  16423  Default-First-Site-Name\\DC1   16423 {changed}    2 msDS-AllowedToDelegateTo\n\n"
)


def test_a_ticket_that_is_older_than_the_delegation_shows_that_it_is_to_be_purged(tmp_path: Path) -> None:
    """Times stand in the form of the machine: where day and month could be either, both must say so."""
    one, other = "TESTSERVER01", "TESTSERVER02"
    for shape, of, since, changed, old in (
        (METADATA, one, "11/20/2026 14:00:00", "11/20/2026 7:58:12 PM", True),
        (METADATA, one, "20.11.2026 14:00:00", "20.11.2026 19:58:12", True),
        (SHOWN, one, "20.11.2026 14:00:00", "2026-11-20 19:58:12", True),
        (METADATA, one, "11/20/2026 20:00:00", "11/20/2026 7:58:12 PM", False),
        (METADATA, one, "11/5/2026 14:00:00", "3/12/2026 15:00:00", False),
        (METADATA, other, "11/20/2026 14:00:00", "11/20/2026 7:58:12 PM", False),
        (METADATA, one, "11/20/2026 14:00:00", "", False),
    ):
        ticket = MACHINE.format(words="Targeted LogonId is", session="3e7", client=f"{one}$", flags="40e10000", since=since)
        (answer,) = said(f"{ticket}\n{shape.format(of=of, changed=changed)}{ENGLISH}", tmp_path).diagnosed
        standings = {each.cause.id: each.standing for each in answer.diagnosis.causes}
        assert (standings["stale_ticket_or_ad_replication"] is Standing.SHOWN_BY_TEXT) is old, (since, changed)


def test_tools_decide_causes(tmp_path: Path) -> None:
    operator = TICKET.format(words="Current LogonId is", session="5f3a1", client="operator", flags="{}0e10000")
    unknown = "The target principal is not found (0x80090303)\n\n"
    for text, cause, standing in (
        (f"{operator.format(0)}\n{ENGLISH}", "user_not_delegatable", Standing.SHOWN_BY_TEXT),
        (f"{operator.format(4)}\n{ENGLISH}", "user_not_delegatable", Standing.RULED_OUT_BY_TEXT),
        (unknown + LISTED.format(words="Names for"), "spn_missing", Standing.SHOWN_BY_TEXT),
        (f"{GROUPS.format(more='')}\nGeneral access denied error (0x80070005)", "operator_not_admin_on_both", Standing.SHOWN_BY_TEXT),
    ):
        (answer,) = said(text, tmp_path).diagnosed
        assert {each.cause.id: each.standing for each in answer.diagnosis.causes}[cause] is standing, text
