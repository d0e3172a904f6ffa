"""Public keys in DER that no sound tool writes: made by hand, as libraries refuse to."""

from __future__ import annotations

RSA = bytes.fromhex("06092a864886f70d010101")
RSA_PSS = bytes.fromhex("06092a864886f70d01010a")
EC = bytes.fromhex("06072a8648ce3d0201")
P256 = bytes.fromhex("06082a8648ce3d030107")
ED25519 = bytes.fromhex("06032b6570")
NULL = bytes.fromhex("0500")


def tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def sequence(*parts: bytes) -> bytes:
    return tagged(0x30, b"".join(parts))


def integer(number: int) -> bytes:
    return tagged(2, number.to_bytes(number.bit_length() // 8 + 1))


def bit_string(content: bytes) -> bytes:
    return tagged(3, b"\0" + content)


def rsa(modulus: int, exponent: int, oid: bytes = RSA, parameters: bytes = NULL) -> bytes:
    key = sequence(integer(modulus), integer(exponent))
    return sequence(sequence(oid, parameters), bit_string(key))


def point(encoded: bytes, curve: bytes = P256) -> bytes:
    return sequence(sequence(EC, curve), bit_string(encoded))


def ed25519(raw: bytes, parameters: bytes = b"") -> bytes:
    return sequence(sequence(ED25519, parameters), bit_string(raw))


def explicit_p256(generator: bytes) -> bytes:
    """P-256's numbers spelled out, with a generator of one's own choice: whoever takes it can be impersonated."""
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    field = sequence(bytes.fromhex("06072a8648ce3d0101"), integer(p))
    curve = sequence(tagged(4, (p - 3).to_bytes(32)), tagged(4, b.to_bytes(32)))
    return sequence(integer(1), field, curve, tagged(4, generator), integer(order), integer(1))
