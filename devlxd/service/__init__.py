"""What runs: each part that owns something of the machine, as a Twisted service."""
