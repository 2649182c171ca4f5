"""What ``twistd`` finds of devlxd."""

from twisted.application.service import ServiceMaker

devlxd = ServiceMaker(
    "devlxd",
    "devlxd.tap",
    "Tells every instance on this host about itself, in LXD's guest API.",
    "devlxd",
)
