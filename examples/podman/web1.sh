#!/bin/sh
# A container of podman, run by root, with the guest API at /dev/lxd/sock.  It is the
# instance "web1", by --name; devlxd sees that itself.
exec podman run --detach --name web1 --volume /var/lib/devlxd/devlxd:/dev/lxd "$@"
