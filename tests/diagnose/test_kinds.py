"""What carries a cause: words, a sentence, a code, what stands beside it; and what counts as none of them."""

from __future__ import annotations

import pytest

from checks.errors import Doing, Told
from checks.errors.codes import normalize
from checks.errors.diagnosis import By, Diagnosis, Operation
from checks.errors.lookup import all_errors, find
from checks.errors.observation import Fact, Observation
from checks.errors.tables import class_of, frames, ids, numbers, pasted, providers
from runner.diagnose.codes_in_text import codes_in_text, events_in_text
from runner.diagnose.rank import rank
from runner.diagnose.sentences import alike

CREATED = "Failed to create folder 'D:\\VMs\\x': General access denied error (0x80070005)."
OF_TOOLS = {Told.SERVICE_NAMES, Told.FORWARDABLE, Told.RIGHTS}
MOVING = "Virtual machine migration operation for 'x' failed at migration destination 'TESTSERVER02'.\n"


def of(text: str, *, events: tuple[int, ...] = ()) -> Diagnosis:
    seen = Observation("mail.txt, line 1", text, codes_in_text(text), tuple(("", number) for number in events))
    return rank(Operation((seen,), seen.codes, seen.events))


def first(text: str) -> tuple[str, By] | None:
    causes = of(text).causes
    return (causes[0].cause.id, causes[0].carried) if causes else None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The account may be shared. The request to the network is not supported by the path.", None),
        ("The target principal name is incorrect", ("duplicate_or_misplaced_spn", By.SENTENCE)),
        ("the target principals' names are incorrect", ("duplicate_or_misplaced_spn", By.WORDS)),
        ("The target principal name is incorrect (0x80070070)", ("destination_space", By.CODE)),
        ("'x': cannot open 'D:\\VMs\\x\\x.vhdx': General access denied error (0x80070005)", ("ntfs_acl_of_vm_files", By.SIGN)),
        ("General access denied error (0x80070005)", ("operator_not_admin_on_both", By.CODE)),
        (MOVING + CREATED, ("cifs_delegation_missing", By.SIGN)),
        ("Import-VM : " + CREATED, ("destination_path_acl", By.SIGN)),
        ("A connection attempt failed (0x8007274C) (0x80072741)", ("nic_team_not_ready_at_vmms_start", By.SIGN)),
    ],
)
def test_a_cause_has_its_place_by_the_kind_of_what_carries_it(text: str, found: tuple[str, By] | None) -> None:
    assert first(text) == found


def test_kinds_are_an_order_that_nothing_overrides() -> None:
    text = f"{MOVING}'x': 'D:\\x.vhdx' refused (0x80070005). The network path was not found. No such host is known (0x8009030E)"
    strengths = [ranked.carried.strength for ranked in of(text).causes]
    assert strengths == sorted(strengths, reverse=True)
    assert len(set(strengths)) > 1


def test_an_error_that_is_met_elsewhere_is_named_and_not_explained_as_a_move() -> None:
    remote = of("Connecting to remote server hv1 failed with the following error message : The file is corrupt (0xC03A000A)")
    assert (remote.doing, remote.causes, [each.elsewhere for each in remote.found]) == (Doing.REMOTING, (), [True])
    assert of("The file is corrupt (0xC03A000A)").causes


def test_a_code_of_another_program_is_named_and_not_explained_and_one_of_anybody_is_said_to_be_general() -> None:
    updating = of("Windows Update failed to install KB5006670: error 0x80070005")
    assert (updating.doing, updating.causes) == (Doing.OTHER, ())
    assert of(MOVING + "After Windows Update: General access denied error (0x80070005)").causes
    assert of("it ended with 0x80070005").of_anything
    assert not of("it ended with 0x8009030E").of_anything
    assert not of(MOVING + "(0x80070005)").of_anything
    closed = (Fact(Told.PORT_6600, "closed", None, 1),)
    assert not rank(Operation((Observation("mail.txt, line 1", "port 6600"),)), (), closed).of_anything


def test_a_general_parameter_error_leads_to_the_key_protector_only_where_the_sentence_says_so() -> None:
    assert first("One or more arguments are invalid (0x80070057)") == ("bad_path_or_parameter", By.CODE)
    protector = "The key protector for the virtual machine 'x' could not be unwrapped. HostGuardianService returned: (0x80070057)"
    assert first(protector) == ("vtpm_guardian_missing", By.SIGN)


def test_numbers_of_wmi_mean_what_they_say_each_by_itself() -> None:
    assert of("HRESULT 0x80041010").causes == ()
    assert first("HRESULT 0x80041003") == ("wmi_permission", By.CODE)
    assert first("HRESULT 0x8004100E") == ("hyperv_role_missing_on_target", By.CODE)


def test_a_code_that_nobody_knows_hides_no_sentence_beside_it() -> None:
    unknown = "The virtual machine is using processor-specific features not supported on host 'x'. MessageId: 24999\n\n"
    found = of(unknown + "Could not find Ethernet switch 'LAN'. MessageId: 33012")
    assert [(each.error.code, each.by) for each in found.found] == [("33012", By.CODE), ("processor incompatible", By.SENTENCE)]
    assert found.unknown == ("24999",)


def test_a_wrapper_is_nothing_but_a_wrapper_and_hides_no_sentence() -> None:
    for wrapper in (MOVING, "Failed to import a virtual machine.\n"):
        assert [each.error.wrapper for each in of(wrapper).found] == [True]
        assert first(wrapper + "The semaphore timeout period") == ("smb_or_nic_problem", By.WORDS)


def test_a_beginning_counts_where_no_other_message_begins_so() -> None:
    assert [each.error.code for each in alike(("No connection could be made because the target",))] == ["0x8007274D"]
    assert alike(("The system cannot find the",)) == ()
    assert alike(("The Virtual Machine Management Service is a service",)) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Virtual machine migration operation failed at migration source. The semaphore time", ["0x80070079", "21024"]),
        ("Failed to create Planned Virtual Machine at migration destination", ["vm_exists", "generic wrapper"]),
        ("The semaphore", []),
        ("Since then the RPC server", []),
        ("Virtual machine migration operation failed at migration source. The RPC server is", ["21024"]),
        ("Virtual machine migration operation failed at migration source. The RPC server is una", ["0x800706BA", "21024"]),
        ("The console shows only: Access den", ["0x80070005"]),
        ("The console shows only: Access ", []),
        ("The console shows only: The RPC server is", []),
        ("TimeCreated  Id\n-----------  --\n9:14 PM  21502  The semaphore timeout period h...", ["0x80070079"]),
    ],
)
def test_a_text_that_breaks_off_leads_to_the_one_message_that_goes_on_so(text: str, codes: list[str]) -> None:
    """A few words count only as the reason behind a sentence that says no more than that something failed, or as a whole sentence that
    lacks letters of its last word. What two messages may go on as names neither."""
    assert [each.error.code for each in alike((text,))] == codes


def test_the_id_of_the_vm_counts_where_its_bracket_is_cut_off() -> None:
    said = "'APP02' cannot access the data folder of the virtual machine: General access denied error (0x80070005). (Virtual machine ID 5B"
    assert first(said) == ("ntfs_acl_of_vm_files", By.SIGN)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Systemfehler 53 aufgetreten.", ("0x80070035",)),
        ("ERROR 112 (0x00000070) Copying File", ("0x80070070",)),
        ("Error Code: 1326.", ("0x8007052E",)),
        ("Error: 2 files were left out", ()),
        ("We saw the error 2 times, and error 5 of 12", ()),
        ("Der Fehler 3 Mal in Folge, Fehler 53", ("0x80070035",)),
        ("NativeErrorCode : 10061\nErrorCode : -2147467259", ("0x8007274D", "0x80004005")),
        ("ReturnValue : 32775", ("vm_wrong_state",)),
        ("ReturnValue : 32773", ("32773",)),
        ("The user name or password is incorrect. (1326)", ("0x8007052E",)),
        ("The server name could not be resolved (0x00002EE7)", ("0x80072EE7",)),
        ("There were 53 shares, 5 errors and 1332 files", ()),
        ("a picture: (Ox8OO9O3OE)", ("0x8009030E",)),
        ("a picture: (0xBOO9O3OE) (Ox8OO9O3) (OxCOOOOOl9)", ()),
        ("Destination       : HV2\nIncompatibilities : {33012, 40010}", ("33012", "40010")),
        ("New Process ID: 0x5b4, Flags: 0xC0000022, TicketEncryptionType 0xffffffff", ()),
        ("FullyQualifiedErrorId : OutOfMemory,Microsoft.HyperV.PowerShell.Commands.StartVM", ("0x8007000E",)),
        ("FullyQualifiedErrorId : 1326,PSSessionStateBroken", ("0x8007052E",)),
        ("FullyQualifiedErrorId : InvalidParameter,Microsoft.HyperV.PowerShell.Commands.GetVM", ()),
        ("CategoryInfo : PermissionDenied: (:) [Get-VM], VirtualizationException", ("0x80070005",)),
        ("    + CategoryInfo          : PermissionDenied: (:) [Get-VM], VirtualizationException\n    + FullyQualifiedErr", ("0x80070005",)),
    ],
)
def test_a_small_number_is_a_code_beside_what_says_so(text: str, codes: tuple[str, ...]) -> None:
    assert codes_in_text(text) == codes


def test_a_list_of_events_is_whole_and_an_id_of_hyper_v_needs_no_file() -> None:
    assert events_in_text("Event ID 21502 and 22038, 20413 point to it; port: 15985") == (21502, 22038, 20413)


def test_a_copied_event_of_another_provider_carries_only_why_a_logon_was_refused() -> None:
    header = "Source: Microsoft-Windows-Security-Auditing\nEvent ID: 4625\n"
    assert codes_in_text(header + "Handle ID: 0x5\nStatus: 0xC000006D\nSub Status: 0xC0000234\nOther: 0x80070020") == ("0xC0000234",)
    spooler = "Log Name: System\nSource: Service Control Manager\nEvent ID: 7023\nThe service ended with (0x80070040)"
    assert codes_in_text(spooler) == ()
    assert codes_in_text(header.replace("Security-Auditing", "Hyper-V-VMMS") + "failed (0x80070569)") == ("0x80070569",)


def test_a_kerberos_event_tells_why_before_the_status_in_its_data() -> None:
    copied = "Event Source: Kerberos\nEvent ID: 4\nData:\n0000: 22 00 00 c0\n"
    assert (codes_in_text(copied), events_in_text(copied)) == (("KRB_AP_ERR_MODIFIED", "0x80070005"), (4,))
    assert first(copied) == ("duplicate_or_misplaced_spn", By.CODE)
    assert codes_in_text(copied.replace("Kerberos", "Spooler")) == ()


def test_a_known_symbol_and_sentence_stand_for_a_code_without_a_cause() -> None:
    found = of("The group is wrong (0x8007139F)")
    assert (found.causes, found.near, found.unknown) == ((), (), ("0x8007139F",))
    assert numbers()["0x8007139F"].symbol == "ERROR_INVALID_STATE"


class TestTables:
    def test_a_number_stands_in_its_own_form_and_is_no_known_error(self) -> None:
        assert [code for code in numbers() if code not in normalize(code) or find(code)] == []

    def test_what_a_table_leads_to_is_known(self) -> None:
        table = ids()
        codes = {*table.words.values(), *table.remoting.values(), *table.categories.values()}
        codes |= {code for values in pasted().errors.values() for code in values.values()}
        assert [code for code in codes if not find(code) and code not in numbers()] == []
        assert providers().own
        assert set(providers().general) <= set(providers().logon)

    def test_what_causes_ask_for_can_be_told(self) -> None:
        told = {(each.told, value) for each in pasted().properties for value in each.values.values()}
        told |= {(each.told, each.value) for each in pasted().prose}
        kinds = {fact for fact, _ in told} | {each.told for each in pasted().properties}
        asked = [
            (fact, value)
            for error in all_errors()
            for cause in error.causes
            for table in (*cause.shown_by, *cause.ruled_out_by)
            for fact, value in table.items()
        ]
        computed = {"missing", "full", "part", "none", "before", "without a common version", "different", "the same", "the same: true"}
        computed |= {"twice", "elsewhere", "lacking", "the same: registered", "the same: held", "the source", "after the ticket"}
        told |= {(Told.FORWARDABLE, value) for value in ("true", "false")}
        assert [pair for pair in asked if pair not in told and pair[1] not in computed] == []
        assert {fact for fact, _ in asked} <= kinds | {"releases", "delegation changed", "switch", *OF_TOOLS}

    def test_commands_of_signs_are_those_of_the_frames(self) -> None:
        known = {name for names in frames().commands.values() for name in names}
        signs = [sign for error in all_errors() for cause in error.causes for sign in cause.signs]
        assert [name for sign in signs for name in sign.commands if name not in known] == []
        assert [code for sign in signs for code in sign.codes if not find(code) and code not in numbers()] == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("0x80041234", "a code of WMI"),
        ("0x80042478", "a code of virtual disk services (VDS)"),
        ("0x8004A999", "a code whose meaning depends on the component that gave it"),
        ("0x80071234", "a Win32 number"),
        ("0xC03A00FF", "a code of virtual disk files"),
        ("0xE0000001", None),
        ("21024", None),
    ],
)
def test_of_a_code_that_nobody_knows_its_class_is_said(code: str, said: str | None) -> None:
    known = class_of(code)
    assert (known.sentence if known else None) == said
