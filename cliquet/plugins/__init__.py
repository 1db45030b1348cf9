"""Plugins that any application may include."""
