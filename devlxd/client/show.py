"""How answers look: to people on 80 columns, and to programs as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from attrs import asdict, frozen

from devlxd.client.arrival import SILENT, Ticker
from devlxd.client.documents import Info, StorageDriver
from devlxd.client.escapes import printable
from devlxd.client.eventlines import event_line, gap_line
from devlxd.client.events import Gap, Told, document
from devlxd.client.export import Exported
from devlxd.client.output import Output, ReaderGone, Unwritable

__all__ = [
    "Printer",
    "ReaderGone",
    "Unwritable",
    "device_lines",
    "info_lines",
    "setting_lines",
]


def info_lines(info: Info) -> Iterable[str]:
    """What the service says, in two columns."""
    rows = {
        "state": info.state,
        "API version": info.api_version,
        "instance type": info.instance_type,
        "location": info.location,
        "auth": info.auth,
        "storage drivers": ", ".join(map(_driver, info.supported_storage_drivers)),
    }
    for name, value in rows.items():
        yield f"{name + ':':18}{printable(value) or '-'}"


def setting_lines(config: Mapping[str, str]) -> Iterable[str]:
    """Keys and values; a value of several lines is indented below its key."""
    for key, value in config.items():
        if "\n" not in value:
            yield f"{printable(key)}: {printable(value)}".rstrip()
            continue
        yield f"{printable(key)}: |"
        for line in value.removesuffix("\n").split("\n"):
            yield f"  {printable(line)}".rstrip()


def device_lines(devices: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    """Each device by name, and its keys indented below it."""
    for name, device in sorted(devices.items()):
        yield f"{printable(name)}:"
        for key, value in sorted(device.items()):
            yield f"  {printable(key)}: {printable(value)}".rstrip()


@frozen
class Printer(Output):
    """
    Writes what a guest is told.

    :ivar progress: is told how far a long answer is.
    """

    progress: Ticker = SILENT

    def info(self, info: Info) -> None:
        """What a service says."""
        self.show(asdict(info), info_lines(info))

    def settings(self, config: Mapping[str, str]) -> None:
        """Keys with their values."""
        self.show(config, setting_lines(config))

    def devices(self, devices: Mapping[str, Mapping[str, str]]) -> None:
        """Devices with their keys."""
        self.show(devices, device_lines(devices))

    def exported(self, image: Exported) -> None:
        """The files of an image."""
        files = [os.fspath(file) for file in image.files]
        document = {"fingerprint": image.fingerprint, "size": image.size}
        self.show({**document, "files": files}, map(printable, files))

    def told(self, told: Told) -> None:
        """An event, a line each in JSON, too; to people, what is missing is a note."""
        if self.json:
            self.happened(document(told), ())
        elif isinstance(told, Gap):
            self.note(gap_line(told))
        else:
            self.show(None, [event_line(told)])


def _driver(driver: StorageDriver) -> str:
    return driver.name + (" (remote)" if driver.remote else "")
