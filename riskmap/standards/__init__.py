"""The standards room."""
