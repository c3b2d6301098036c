"""Changes a Samba controller's own database as the system, where no client may. Runs with Debian's Python, which has Samba's bindings.

    python3 sam.py SMB_CONF < work.json

The work: {"users": {name: password}, "computers": {name: password}, "groups": {name: groupType}, "members": {group: [name or SID]},
"bits": {name: bits to add to userAccountControl}, "replace": {name: {attribute: [value]}}, "acting": {name: SDDL}, "former": {name: [SID]},
"deny_read": {name: {"who": name, "attribute": schemaIDGUID}}, "sids": [name]}. A computer's name has no final $, here as anywhere. All of
it is done, or nothing.
Answers {name: SID} for "sids".
"""

import json
import sys

import ldb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB
from samba.sd_utils import SDUtils


def main():
    work = json.load(sys.stdin)
    parameters = LoadParm()
    parameters.load(sys.argv[1])
    sam = SamDB(lp=parameters, session_info=system_session(parameters))
    domain_sid = security.dom_sid(sam.get_domain_sid())

    def found(name):
        names = "".join(f"(sAMAccountName={ldb.binary_encode(form)})" for form in (name, name + "$"))
        return sam.search(sam.domain_dn(), ldb.SCOPE_SUBTREE, f"(|{names})", ["objectSid", "userAccountControl"])[0]

    def sid(name):
        return str(ndr_unpack(security.dom_sid, found(name)["objectSid"][0]))

    def replace(name, attribute, values):
        message = ldb.Message(found(name).dn)
        message[attribute] = ldb.MessageElement(values, ldb.FLAG_MOD_REPLACE, attribute)
        sam.modify(message)

    def create(name, password, object_class, account, control, further):
        dn = f"CN={name},CN={'Users' if object_class == 'user' else 'Computers'},{sam.domain_dn()}"
        secret = f'"{password}"'.encode("utf-16-le")
        sam.add(
            {
                "dn": dn,
                "objectClass": object_class,
                "sAMAccountName": account,
                "userAccountControl": str(control),
                "unicodePwd": secret,
                **further,
            },
        )

    realm = sam.domain_dns_name()
    sam.transaction_start()
    for name, password in work.get("users", {}).items():
        create(name, password, "user", name, 0x200, {"userPrincipalName": f"{name}@{realm}"})
    for name, password in work.get("computers", {}).items():
        create(name, password, "computer", name + "$", 0x1000, {"dNSHostName": f"{name.lower()}.{realm}"})
    for name, kind in work.get("groups", {}).items():
        sam.add({"dn": f"CN={name},CN=Users,{sam.domain_dn()}", "objectClass": "group", "sAMAccountName": name, "groupType": str(kind)})
    for group, members in work.get("members", {}).items():
        message = ldb.Message(found(group).dn)
        values = [f"<SID={member}>" if member.startswith("S-1-") else str(found(member).dn) for member in members]
        message["member"] = ldb.MessageElement(values, ldb.FLAG_MOD_ADD, "member")
        sam.modify(message)
    for name, bits in work.get("bits", {}).items():
        replace(name, "userAccountControl", str(int(str(found(name)["userAccountControl"][0])) | bits))
    for name, attributes in work.get("replace", {}).items():
        for attribute, values in attributes.items():
            replace(name, attribute, values)
    for name, sddl in work.get("acting", {}).items():
        replace(name, "msDS-AllowedToActOnBehalfOfOtherIdentity", [ndr_pack(security.descriptor.from_sddl(sddl, domain_sid))])
    for name, sids in work.get("former", {}).items():
        replace(name, "sIDHistory", [ndr_pack(security.dom_sid(former)) for former in sids])
    for name, denial in work.get("deny_read", {}).items():
        SDUtils(sam).dacl_prepend_aces(found(name).dn, f"(OD;;RP;{denial['attribute']};;{sid(denial['who'])})")
    sam.transaction_commit()
    json.dump({name: sid(name) for name in work.get("sids", [])}, sys.stdout)


main()
