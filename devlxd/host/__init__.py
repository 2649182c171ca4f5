"""The operator's side: what instances there are, and which of them run."""
