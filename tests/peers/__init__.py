"""
Tests with real peers: programs that were not written by us, and real processes in
namespaces of their own.
"""
