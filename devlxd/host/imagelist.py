"""Images and aliases in LXD's form, and which of them a caller means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest, NoSuchImage
from devlxd.host.admission import Caller
from devlxd.host.bodies import parameter
from devlxd.host.documents import Document, etag, image_url, ordered, time_of
from devlxd.host.filters import wanted_by
from devlxd.model.image import Alias, Image
from devlxd.model.names import ImageName


def image_etag(image: Image) -> str:
    """The etag of what of an image can be changed."""
    return etag(
        image.public,
        image.auto_update,
        dict(image.properties),
        time_of(image.expires),
    )


def image_document(image: Image, aliases: Iterable[Alias]) -> Document:
    """
    An image.

    :param aliases: its own.
    """
    return {
        "auto_update": image.auto_update,
        "properties": ordered(image.properties),
        "public": image.public,
        "expires_at": time_of(image.expires),
        "profiles": ["default"],
        "aliases": [
            {"name": alias.name.name, "description": alias.description}
            for alias in aliases
        ],
        "architecture": image.architecture,
        "cached": image.cached,
        "filename": image.filename,
        "fingerprint": image.fingerprint,
        "size": image.size,
        "type": image.type.value,
        "created_at": time_of(image.created),
        "last_used_at": time_of(image.last_used),
        "uploaded_at": time_of(image.uploaded),
    }


def found(caller: Caller, prefix: str) -> Image:
    """
    The image of the project whose fingerprint begins so.

    :raises NoSuchImage: when there is none.
    :raises BadRequest: when there are several.
    """
    matching = [
        image
        for image in caller.host.images.all()
        if image.project == caller.project and image.fingerprint.startswith(prefix)
    ]
    if not matching:
        raise NoSuchImage
    if len(matching) > 1:
        raise BadRequest("More than one image matches")
    return matching[0]


def one(caller: Caller, image: Image) -> Document:
    """One image."""
    return image_document(image, _by_image(caller).get(image.name, ()))


def listed(caller: Caller, request: IRequest) -> list[object]:
    """
    What there is by ``recursion``, ``filter`` and project: URLs, or documents.

    :raises BadRequest: when the filter makes no sense.
    """
    wanted = wanted_by(parameter(request, "filter"))
    aliases = _by_image(caller)
    whole = parameter(request, "recursion") not in ("", "0")
    images = (
        (image, image_document(image, aliases.get(image.name, ())))
        for image in caller.host.images.all()
        if caller.all_projects or image.project == caller.project
    )
    return [
        document if whole else image_url(image.name)
        for image, document in images
        if wanted(document)
    ]


def _by_image(caller: Caller) -> Mapping[ImageName, list[Alias]]:
    aliases: defaultdict[ImageName, list[Alias]] = defaultdict(list)
    for alias in caller.host.aliases.all():
        aliases[alias.image].append(alias)
    return aliases
