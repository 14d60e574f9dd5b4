"""The key of a GitHub App: the private half for whoever signs, the public half for the stand-in."""

from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both as PEM; the private one as GitHub hands it out (PKCS#1)."""

    private: str = field(repr=False)
    public: str


@cache
def key_pair(which: int = 0) -> KeyPair:
    """An RSA key, made once per process for each number."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(private.decode(), public.decode())
