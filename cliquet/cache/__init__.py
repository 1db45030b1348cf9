"""Short-lived values that may be lost: backends behind one interface."""
