"""The protocol as values and pure functions: nothing here reads, writes or waits."""
