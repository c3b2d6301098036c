"""WinRM's message encryption ([MS-WSMV] 2.2.9.1): a SOAP message sealed by the security context of its connection."""

from __future__ import annotations

import struct
from typing import Any

_BOUNDARY = b"--Encrypted Boundary"
_TLS_RECORD = 16_384


def is_sealed(content_type: str) -> bool:
    return content_type.startswith(("multipart/encrypted", "multipart/x-multi-encrypted"))


def unseal(context: Any, body: bytes) -> bytes:
    """The message in a sealed body, with pyspnego's context. Raises what the context raises for a wrong seal."""
    message = b""
    for part in body.split(_BOUNDARY + b"\r\n")[2::2]:
        sealed = part.removesuffix(_BOUNDARY + b"--\r\n").split(b"\r\n", 1)[1]
        (header,) = struct.unpack("<i", sealed[:4])
        message += context.unwrap_winrm(sealed[4 : 4 + header], sealed[4 + header :])
    return message


def seal(context: Any, scheme: str, message: bytes) -> tuple[str, bytes]:
    """The content type and the sealed body of a message. CredSSP seals with TLS, record by record."""
    credssp = scheme == "credssp"
    protocol = f"application/HTTP-{'CredSSP' if credssp else 'SPNEGO'}-session-encrypted"
    size = _TLS_RECORD if credssp else max(len(message), 1)
    body = b""
    for start in range(0, len(message), size):
        sealed = context.wrap_winrm(message[start : start + size])
        length = len(message[start : start + size]) + sealed.padding_length
        body += (
            b"%b\r\n\tContent-Type: %b\r\n" % (_BOUNDARY, protocol.encode())
            + b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n" % length
            + b"%b\r\n\tContent-Type: application/octet-stream\r\n" % _BOUNDARY
            + struct.pack("<i", len(sealed.header))
            + sealed.header
            + sealed.data
        )
    kind = "x-multi-encrypted" if len(message) > size else "encrypted"
    return f'multipart/{kind};protocol="{protocol}";boundary="Encrypted Boundary"', body + _BOUNDARY + b"--\r\n"
