"""How fast the service is, beside others that do the same: ``python -m benchmarks``."""
