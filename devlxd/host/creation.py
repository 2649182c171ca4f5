"""What a new instance is made of: nothing, an image, or another instance."""

from __future__ import annotations

from attrs import evolve, frozen

from devlxd.errors import BadRequest, InvalidData, NoSuchAlias, NoSuchImage
from devlxd.host.admission import Caller
from devlxd.host.bodies import Body
from devlxd.host.bookkeeping import VOLATILE, lifeless, nameless
from devlxd.host.imagelist import found
from devlxd.host.patches import with_values, without_empty
from devlxd.interfaces import IDraft
from devlxd.model.image import Image
from devlxd.model.instance import Instance, InstanceType
from devlxd.model.names import AliasName, InstanceName

BASE_IMAGE = "volatile.base_image"
"""Where an instance has the fingerprint of the image that it was made from."""

DEFAULT_PROFILES = ("default",)


@frozen
class Creation:
    """
    What is to be created.

    :ivar image: what it is made from, if that is an image.
    """

    instance: Instance
    image: Image | None = None

    def create(self, draft: IDraft) -> None:
        """Create it: a rule for `devlxd.interfaces.IStore.transact`."""
        if self.image is not None:
            draft.images.update(self.image.name, self._used)
        draft.create_instance(self.instance)

    def _used(self, image: Image) -> Image:
        return evolve(image, last_used=self.instance.created)


def creation_of(caller: Caller, body: Body) -> Creation:
    """
    The instance that a document describes.

    :raises BadRequest: when it does so in a way that makes no sense.
    :raises NotFound: when what it is to be made of is not there.
    """
    name = caller.instance(body.text("name") or caller.host.new_name())
    if body.text("instance_type"):
        raise BadRequest("Instance types by size are not available here")
    source = body.within("source")
    match source.text("type"):
        case "none":
            return Creation(_empty(caller, name, body))
        case "copy":
            return Creation(_copy(caller, name, body, source))
        case "image":
            image = source_image(caller, source)
            return Creation(_from_image(caller, name, body, image), image)
        case other:
            raise BadRequest(f"Unknown source type {other}")


def type_of(text: str) -> InstanceType:
    """
    A type by its word.

    :raises InvalidData: when there is none of it.
    """
    try:
        return InstanceType(text)
    except ValueError:
        raise InvalidData(f"Invalid instance type {text!r}") from None


def _empty(caller: Caller, name: InstanceName, body: Body) -> Instance:
    return Instance(
        name,
        type=type_of(body.text("type", InstanceType.CONTAINER.value)),
        architecture=body.text("architecture") or caller.host.architecture,
        description=body.text("description"),
        config=without_empty(lifeless(body.config())),
        devices=with_values(body.devices()),
        profiles=body.texts("profiles") if body.has("profiles") else DEFAULT_PROFILES,
        ephemeral=body.flag("ephemeral"),
        stateful=body.flag("stateful"),
        created=caller.host.now(),
    )


def source_image(caller: Caller, source: Body) -> Image:
    """
    The image that a source names, by fingerprint or alias.

    :raises BadRequest: when it names none.
    :raises NotFound: when there is none of that name.
    """
    if source.text("server"):
        raise BadRequest("Images of other servers are not available here")
    if source.text("fingerprint"):
        return found(caller, source.text("fingerprint"))
    if not source.text("alias"):
        raise BadRequest(
            "Must specify one of alias, fingerprint or properties for init"
        )
    name = AliasName(caller.project, source.text("alias"))
    try:
        return found(caller, caller.host.aliases.get(name).target)
    except NoSuchAlias:
        raise NoSuchImage from None


def _from_image(
    caller: Caller, name: InstanceName, body: Body, image: Image
) -> Instance:
    made = _empty(caller, name, body)
    if made.type is not image.type:
        raise BadRequest(
            f"Requested image's type \"{image.type.value}\" doesn't match instance "
            f'type "{made.type.value}"'
        )
    properties = {f"image.{key}": text for key, text in image.properties.items()}
    return evolve(
        made,
        architecture=image.architecture,
        config={
            **without_empty(properties),
            **made.config,
            BASE_IMAGE: image.fingerprint,
        },
    )


def _copy(caller: Caller, name: InstanceName, body: Body, source: Body) -> Instance:
    """
    Another instance with what the document says over it.  What is ``volatile`` stays
    behind: ids, addresses, the life.
    """
    project = source.text("project") or caller.project
    origin = caller.host.instances.get(InstanceName(project, source.text("source")))
    old = origin.instance
    stays = {k: v for k, v in old.config.items() if not k.startswith(VOLATILE)}
    profiles = body.texts("profiles") if body.has("profiles") else old.profiles
    return evolve(
        old,
        name=name,
        description=body.text("description") or old.description,
        config=without_empty({**stays, **nameless(body.config())}),
        devices={**old.devices, **with_values(body.devices())},
        profiles=profiles,
        ephemeral=body.flag("ephemeral"),
        created=caller.host.now(),
    )
