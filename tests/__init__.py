"""The tests; their layout follows the package's."""
