"""Which instance a process is in: by kernel object, never by name."""
