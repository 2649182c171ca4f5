"""Tests of devlxd.ctl."""
