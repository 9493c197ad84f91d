"""Who signed a firmware image, and who signed the signer (OCA white paper edition 3, L01.FR.04, 12)."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def is_signed_by(certificate: str, signature: str, content: bytes) -> bool:
    """Whether the Base64 signature over the content is RSA-PSS with SHA-256 of the PEM certificate's key."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(base64.b64decode(signature, validate=True), content, pss, hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def issuer_among(roots: Iterable[str], certificate: str, now: datetime) -> str | None:
    """The root (PEM) that issued a certificate which is valid now, or None."""
    try:
        one = x509.load_pem_x509_certificate(certificate.encode())
    except ValueError:
        return None
    if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
        return None
    for root in roots:
        try:
            one.verify_directly_issued_by(x509.load_pem_x509_certificate(root.encode()))
        except (ValueError, TypeError, InvalidSignature):
            continue
        return root
    return None
