"""The evacuation room."""
