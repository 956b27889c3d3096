"""Modules that make the fictional sample county 云屏县, step by step."""
