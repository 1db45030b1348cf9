"""Permissions in the tables of a SQL database."""
