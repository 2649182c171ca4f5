"""Tests of the values and the rules."""
