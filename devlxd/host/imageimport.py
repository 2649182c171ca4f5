"""What is made of the files that came in."""

from __future__ import annotations

from functools import partial
from typing import Any, cast
from urllib.parse import parse_qsl

from twisted.web.iweb import IRequest

from devlxd.errors import BadRequest
from devlxd.host.admission import Caller
from devlxd.host.imageforms import NOT_HERE
from devlxd.host.imagemetadata import Metadata, can_be_read, read_metadata
from devlxd.host.imagesink import ImageSink
from devlxd.interfaces import IUpload
from devlxd.model.image import Content, Image
from devlxd.model.instance import InstanceType
from devlxd.model.validation import is_true

__all__ = ["imported"]


async def imported(caller: Caller, request: IRequest) -> Image:
    """
    The image that is in the body of a request, now that it is kept.

    :raises BadRequest: when there is none, or what it says of itself makes no sense.
    :raises ImageExists: when it is there already.
    """
    sink: ImageSink | None = cast(Any, request).take_sink()
    if sink is None:
        raise BadRequest(NOT_HERE)
    upload = await sink.complete()
    try:
        content = upload.content
        _check_fingerprint(request, content.fingerprint)
        metadata = await _metadata(caller, upload, content)
        image = _image(caller, request, content, metadata, sink.form.type)
    except BaseException:
        await upload.abort()
        raise
    return await upload.keep(image)


def _check_fingerprint(request: IRequest, found: str) -> None:
    expected = _header(request, "fingerprint")
    if expected and expected != found:
        raise BadRequest(f"fingerprints don't match, got {found} expected {expected}")


async def _metadata(caller: Caller, upload: IUpload, content: Content) -> Metadata:
    extension = content.metadata.extension
    if not can_be_read(extension):
        return Metadata(caller.host.architecture)
    return await upload.read(partial(read_metadata, extension=extension))


def _image(
    caller: Caller,
    request: IRequest,
    content: Content,
    metadata: Metadata,
    kind: InstanceType | None,
) -> Image:
    return Image(
        caller.project,
        content.fingerprint,
        content.metadata,
        content.rootfs,
        type=kind or metadata.type or InstanceType.CONTAINER,
        architecture=metadata.architecture,
        public=is_true(_header(request, "public")),
        properties={**metadata.properties, **_properties(request)},
        filename=_header(request, "filename"),
        created=metadata.created,
        expires=metadata.expires,
        uploaded=caller.host.now(),
    )


def _header(request: IRequest, name: str) -> str:
    value = request.getHeader(f"X-LXD-{name}".encode()) or b""
    return value.decode("utf-8", "replace")


def _properties(request: IRequest) -> dict[str, str]:
    lines = request.requestHeaders.getRawHeaders("X-LXD-properties", [])
    pairs = (parse_qsl(line, keep_blank_values=True) for line in lines)
    return {key: value for line in pairs for key, value in line}
