"""
Every refusal is a class with an HTTP status and the text that the caller reads.

A refusal is raised where the fact is known and turned into an answer in one place,
the surface.  The texts are LXD's own, since clients and scripts compare them.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AliasExists",
    "BadRequest",
    "CannotStart",
    "Conflict",
    "Forbidden",
    "ImageExists",
    "InstanceExists",
    "InvalidData",
    "NoSuchAlias",
    "NoSuchImage",
    "NoSuchInstance",
    "NoSuchPath",
    "NoSuchProfile",
    "NoSuchProject",
    "NotFound",
    "NotImplementedHere",
    "NotInContainer",
    "NotRoot",
    "PreconditionFailed",
    "ProfileExists",
    "ProfileInUse",
    "Refusal",
    "StoreFailure",
    "TooLarge",
    "TooManyConnections",
    "Unauthorized",
    "WrongMethod",
]


class CannotStart(Exception):
    """
    What keeps the service from starting.

    Its text is one line for the operator, who reads it as the last thing that the
    service says.
    """


class Refusal(Exception):
    """
    A request that is not served.

    :ivar status: the HTTP status of the answer.
    :ivar text: what the caller reads; it names nothing of the host.
    :ivar headers: what the answer has beside the headers of its form.
    """

    status: int = 500
    headers: ClassVar[tuple[tuple[bytes, bytes], ...]] = ()
    default: ClassVar[str] = "Internal Server Error"

    def __init__(self, text: str | None = None) -> None:
        self.text = self.default if text is None else text
        super().__init__(self.text)


class BadRequest(Refusal):
    """The request makes no sense as it stands."""

    status = 400
    default = "Bad Request"


class Unauthorized(Refusal):
    """The caller is not somebody who may ask."""

    status = 401
    default = "Unauthorized"


class Forbidden(Refusal):
    """The caller may ask, but not for this."""

    status = 403
    default = "Forbidden"


class NotFound(Refusal):
    """There is no such thing, or the caller may not know that there is."""

    status = 404
    default = "Not Found"


class WrongMethod(Refusal):
    """The path answers other methods."""

    status = 405
    default = "Method Not Allowed"


class Conflict(Refusal):
    """The name is taken, or the state of things forbids the change."""

    status = 409
    default = "Conflict"


class PreconditionFailed(Refusal):
    """What the caller wanted to change is not what it thought it was."""

    status = 412
    default = "Precondition failed"


class TooLarge(Refusal):
    """The body exceeds the bound of the surface."""

    status = 413
    default = "Request Entity Too Large"


class NotImplementedHere(Refusal):
    """The path exists, but answers no request of this method."""

    status = 501
    default = "Not Implemented"


class TooManyConnections(Refusal):
    """The caller holds as many connections as one instance may."""

    status = 503
    default = "Too many connections"


class NotInContainer(Refusal):
    """The calling process is in no instance that is known here."""

    status = 500
    default = "Process ID not found in container"


class NotRoot(Unauthorized):
    """The calling process is in an instance, but is not its root."""

    default = "Access denied for non-root user"


class StoreFailure(Refusal):
    """A change could not be made durable; the data is what it was before."""

    default = "Failed saving the change"


class InvalidData(BadRequest):
    """An instance or profile with contents that LXD would refuse, too."""


class NoSuchPath(NotFound):
    """There is nothing at this path, whoever asks."""


class NoSuchInstance(NotFound):
    """No instance has this name."""

    default = "Instance not found"


class NoSuchImage(NotFound):
    """No image has this fingerprint or alias."""

    default = "Image not found"


class NoSuchAlias(NotFound):
    """No image has this alias."""

    default = "Image alias not found"


class ImageExists(Conflict):
    """This very image is in the project already."""

    default = "Image with same fingerprint already exists"


class AliasExists(Conflict):
    """An alias of this name is there already."""

    default = "Alias already exists"


class InstanceExists(Conflict):
    """An instance of this name is there already."""

    default = "Instance already exists"


class NoSuchProject(NotFound):
    """No project has this name."""

    default = "Project not found"


class NoSuchProfile(NotFound):
    """No profile has this name."""

    default = "Profile not found"


class ProfileExists(Conflict):
    """A profile of this name is there already."""

    default = "Profile already exists"


class ProfileInUse(BadRequest):
    """Instances use this profile, so that it cannot go."""

    default = "Profile is currently in use"
