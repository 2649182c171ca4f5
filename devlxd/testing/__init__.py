"""What others need to test their own parts of devlxd: contract suites."""
