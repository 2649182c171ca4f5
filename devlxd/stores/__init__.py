"""Where instances and profiles are kept."""
