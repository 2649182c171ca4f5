"""The programs that start containers and stay with them: what each says of its own."""
