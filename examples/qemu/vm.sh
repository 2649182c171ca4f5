#!/bin/sh
# A virtual machine that asks its host about itself: up in ten seconds, without KVM and
# without root.
#
#   apt-get install busybox-static cpio kmod linux-image-cloud-amd64 qemu-system-x86 socat
#   twistd -n devlxd --state-dir state --instances examples/instances.yaml
#
# and, in a second terminal:
#
#   examples/qemu/vm.sh state/instances/default_vm1/sock
#
# It prints its meta-data and waits for an event.  In a third one:
#
#   devlxdctl --state-dir state set vm1 user.role=web
#
# It prints that, too, and ends.  To end it earlier: Ctrl-C.
#
# What a machine of your own needs of this are the lines -netdev and -device: one more
# network card, behind which nothing is but the instance's socket, at 10.0.2.100:80.
# QEMU starts a socat for each connection.
#
# For tests: INIT is another script to boot into, FILES a directory of more files for the
# machine, MODULES more drivers, and MEMORY its size in MiB.
set -eu

case ${1-} in
/*) socket=$1 ;;
?*) socket=$PWD/$1 ;;
*) echo "usage: $0 SOCKET" >&2; exit 2 ;;
esac
test -S "$socket" || { echo "$0: $socket: no such socket" >&2; exit 1; }

init=${INIT:-$(dirname "$0")/init}
modules="virtio_pci virtio_net ${MODULES-}"
kernel=$(find /boot -name 'vmlinuz-*-cloud-amd64' | sort -V | tail -n 1)
test -n "$kernel" || { echo "$0: needs linux-image-cloud-amd64" >&2; exit 1; }
release=${kernel#/boot/vmlinuz-}

# What the machine boots into: busybox, the drivers of its network card, and a script.
root=$(mktemp -d)
trap 'rm -rf "$root" "$root.img"' EXIT
trap 'exit 130' INT TERM
mkdir "$root/bin" "$root/modules" "$root/proc" "$root/sys" "$root/dev" "$root/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$init" "$root/init"
chmod 755 "$root/init"
for module in $modules; do
    /sbin/modprobe --set-version "$release" --show-depends "$module"
done | while read -r _ file _; do
    test -e "$root/modules/${file##*/}" || echo "${file##*/}" >>"$root/modules/order"
    cp "$file" "$root/modules/"
done
test -z "${FILES-}" || cp -a "$FILES/." "$root/"
(cd "$root" && find . | cpio --quiet --create --format=newc) >"$root.img"

qemu-system-x86_64 \
    -accel tcg -cpu max -m "${MEMORY:-256}" -nodefaults -no-user-config -no-reboot \
    -display none -serial stdio \
    -kernel "$kernel" -initrd "$root.img" -append "console=ttyS0 quiet panic=-1" \
    -netdev "user,id=host,restrict=on,guestfwd=tcp:10.0.2.100:80-cmd:socat - UNIX-CONNECT:$socket" \
    -device virtio-net-pci,netdev=host,romfile=
