"""The census room."""
