"""What runs the service: options, parts, and the process as a whole."""
