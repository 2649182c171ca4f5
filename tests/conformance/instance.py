"""The instance that is asked: made in LXD and in the service by the same commands."""

from __future__ import annotations

USER_DATA = "#cloud-config\n# kept\nruncmd:\n- [sh, -c, 'echo user > /run/told']\n"
VENDOR_DATA = "#cloud-config\npackage_update: false\n"
NETWORK_CONFIG = "version: 2\nethernets: {eth0: {dhcp4: false}}\n"
METADATA = "x-told: by meta-data\n"

CONFIG = {
    "cloud-init.user-data": USER_DATA,
    "cloud-init.vendor-data": VENDOR_DATA,
    "limits.cpu": "1",
    "user.2048": "x" * 2048,
    "user.2049": "x" * 2049,
    "user.a": "1",
    "user.a/b": "slash",
    "user.html": "<b>&amp;</b>",
    "user.large": "0123456789abcdef" * 2000,
    "user.lines": "one\r\ntwo\n\n",
    "user.meta-data": METADATA,
    "user.network-config": NETWORK_CONFIG,
    "user.pc%41": "percent",
    "user.sp ace": "space",
    "user.unicode": "\u2028 \u00e9 \U0001f600",
    "user.\u00e9": "key",
}
"""Its own config."""

PROFILE = {"user.a": "hidden", "user.p": "profile"}
"""The config of its profile."""

DEVICES = (
    ("eth0", "nic", "nictype=p2p", "name=eth0"),
    ("none0", "none"),
    ("null0", "unix-char", "source=/dev/null", "path=/dev/null0"),
)
"""Its devices: name, type and keys."""

CHANGES = (
    ("config", "set", "c1", "user.a=2"),
    ("config", "set", "c1", "user.new=text"),
    ("config", "set", "c1", "user.new=text"),
    ("config", "set", "c1", "user.html=<i>&"),
    ("config", "set", "c1", "user.unicode=\u2028\u00e9"),
    ("config", "set", "c1", "user.x=1", "user.y=2", "user.z=3"),
    ("config", "unset", "c1", "user.x"),
    ("config", "set", "c1", "user.y="),
    ("config", "set", "c1", "cloud-init.user-data=#cloud-config\n{}\n"),
    ("config", "set", "c1", "boot.autostart=false"),
    ("profile", "set", "default", "user.p=other"),
    ("profile", "set", "default", "user.a=still hidden"),
    ("profile", "set", "default", "user.q=new"),
    ("profile", "create", "more"),
    ("profile", "set", "more", "user.p=more"),
    ("profile", "add", "c1", "more"),
    ("profile", "remove", "c1", "more"),
    ("config", "device", "add", "c1", "none1", "none"),
    ("config", "device", "set", "c1", "null0", "mode=0600"),
    ("config", "device", "set", "c1", "eth0", "limits.ingress=1Mbit"),
    ("config", "device", "override", "c1", "root", "limits.read=10MB"),
    ("config", "device", "add", "c1", "user.named", "none"),
    ("config", "device", "remove", "c1", "none1"),
    ("profile", "device", "add", "default", "none2", "none"),
    ("config", "device", "remove", "c1", "eth0"),
)
"""What happens to it while somebody listens: arguments of ``lxc``."""
