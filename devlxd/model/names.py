"""How instances, profiles, images and aliases of images are called."""

from __future__ import annotations

import re
from typing import ClassVar, Self

from attrs import frozen

from devlxd.errors import InvalidData

DEFAULT_PROJECT = "default"
"""The project of a name that does not say one."""

# Wider than LXD's (host names only), since podman and systemd-nspawn allow dots,
# underscores and leading digits.  A project has no underscore, as in LXD, so that
# PROJECT_NAME, the name of LXD's monitor processes, can be read back.
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
# People write releases and variants into them: "ubuntu/22.04/cloud".
_ALIAS = re.compile(r"\S(.{0,253}\S)?")


@frozen(order=True)
class QualifiedName:
    """
    A name within a project.  Those of one kind are ordered by project, then by name.

    :ivar project: letters, digits, dots and hyphens, 63 at most.
    :ivar name: the same and underscores, unless the kind has a rule of its own.
    :raises InvalidData: on anything else.
    """

    _rule: ClassVar[re.Pattern[str]] = _NAME
    _called: ClassVar[str] = "name"

    project: str
    name: str

    def __attrs_post_init__(self) -> None:
        if _PROJECT.fullmatch(self.project) is None:
            raise InvalidData(f"Invalid project name {self.project!r}")
        if self._rule.fullmatch(self.name) is None or not self.name.isprintable():
            raise InvalidData(f"Invalid {self._called} {self.name!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read ``NAME`` or ``PROJECT/NAME``.

        :raises InvalidData: when it is neither.
        """
        project, slash, name = text.partition("/")
        return cls(project, name) if slash else cls(DEFAULT_PROJECT, text)

    def __str__(self) -> str:
        return f"{self.project}/{self.name}"


@frozen
class InstanceName(QualifiedName):
    """The name of an instance."""


@frozen
class ProfileName(QualifiedName):
    """The name of a profile."""


@frozen
class ImageName(QualifiedName):
    """
    What an image is known by.

    :ivar name: its fingerprint: 64 lower-case hexadecimal digits.
    """

    _rule: ClassVar[re.Pattern[str]] = _FINGERPRINT
    _called: ClassVar[str] = "fingerprint"


@frozen
class AliasName(QualifiedName):
    """
    Another name of an image.

    :ivar name: printable characters, 255 at most, no blank at either end.
    """

    _rule: ClassVar[re.Pattern[str]] = _ALIAS
    _called: ClassVar[str] = "alias"
