"""Translations of one house."""
