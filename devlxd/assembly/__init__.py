"""How the parts of the service are put together, as its options say."""
