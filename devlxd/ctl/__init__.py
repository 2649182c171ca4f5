"""For operators: the ``devlxdctl`` command, and `devlxd.ctl.host.HostClient`."""
