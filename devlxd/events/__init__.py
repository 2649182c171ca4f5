"""Live events: who hears of what, and in which form."""
