"""The verbs of the protocol as functions of values: a call in, a reply out."""
