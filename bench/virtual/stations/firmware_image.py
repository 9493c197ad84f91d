"""The virtual station's firmware image: a text head that names version and digest, an empty line, and a payload."""

import hashlib
import re

_MAGIC = "PLUGPROOF VIRTUAL STATION FIRMWARE"
_HEAD = re.compile(rf"{_MAGIC}\nversion: (?P<version>[0-9A-Za-z.+-]{{1,50}})\nsha256: (?P<digest>[0-9a-f]{{64}})")


class ImageError(Exception):
    """An image that this station does not take."""


def make_image(version: str, payload: bytes = b"nothing that runs\n") -> bytes:
    """An image of this version (at most 50 characters, as BootNotification.req can tell)."""
    head = f"{_MAGIC}\nversion: {version}\nsha256: {hashlib.sha256(payload).hexdigest()}\n\n"
    return head.encode() + payload


def version_in(image: bytes) -> str:
    """The version of a valid image. Raises ImageError for any other file."""
    head, _, payload = image.partition(b"\n\n")
    match = _HEAD.fullmatch(head.decode("utf-8", "replace"))
    if match is None:
        raise ImageError("no image for this station")
    if hashlib.sha256(payload).hexdigest() != match["digest"]:
        raise ImageError("the image's digest is another one")
    return match["version"]
