"""Tests of `devlxd.identity`, most of them with real processes and namespaces."""
