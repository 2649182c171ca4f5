"""The guest API: what a process in an instance may ask of ``/dev/lxd/sock``."""
