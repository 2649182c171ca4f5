"""HTTP: requests, replies and their forms.  Knows no instance."""
