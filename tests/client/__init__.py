"""Tests of devlxd.client."""
