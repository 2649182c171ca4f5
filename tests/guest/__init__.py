"""Tests of `devlxd.guest`."""
