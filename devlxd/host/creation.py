"""What a new instance is made of: nothing, or another instance."""

from __future__ import annotations

from attrs import evolve

from devlxd.errors import BadRequest, InvalidData, NoSuchImage
from devlxd.host.admission import Caller
from devlxd.host.bodies import Body
from devlxd.host.bookkeeping import VOLATILE, lifeless, nameless
from devlxd.host.patches import with_values, without_empty
from devlxd.model.instance import Instance, InstanceType
from devlxd.model.names import InstanceName

DEFAULT_PROFILES = ("default",)


def new_instance(caller: Caller, body: Body) -> Instance:
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
            return _empty(caller, name, body)
        case "copy":
            return _copy(caller, name, body, source)
        case "image":
            raise NoSuchImage
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
