"""What LXD 5.0, LXD 6 and Incus answer guests, as data; and that we do."""
