"""Generated values that the tests of the protocol share."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

#: Text that a record may hold: no NUL, no lone surrogate.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXT = st.text(CHARACTERS, max_size=20)
#: Text of few characters, so that values are often equal, or each other's beginning.
SHORT_TEXT = st.text("abAB*%_é", max_size=4)
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0.0, -0.0, 1.0, 1.5, 2.0**53, 2.0**63, -(2.0**63), 1e300, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, SHORT_TEXT, TEXT)


def json_values(scalars: st.SearchStrategy[Any] = SCALARS) -> st.SearchStrategy[Any]:
    """Any JSON value that a record may hold."""
    names = st.one_of(SHORT_TEXT, TEXT)
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=8
    )


JSON = json_values()
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c", "id", "title"]), JSON, max_size=4)
#: Text as a URL may bring it, broken text included.
ANY_TEXT = st.text(st.characters(), max_size=20)
