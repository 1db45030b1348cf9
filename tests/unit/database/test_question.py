"""Questions are asked once of each asker, and learn only from answers to what was asked."""

from __future__ import annotations

from typing import Any

from cliquet.database.question import Asker, Inquiry, Question, ask


class Clerk(Asker):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Inquiry] = []

    def ask(self, inquiry: Inquiry) -> None:
        self.asked.append(inquiry)


def question(clerk: Clerk, name: str) -> Question:
    return Question(clerk, name, lambda: None, {}, lambda rows: None)


def names(questions: Any) -> list[Any]:
    return [one.shape for one in questions]


def test_everybody_is_asked_once_about_their_own() -> None:
    one, other = Clerk(), Clerk()
    ask(Inquiry((question(one, "a"), question(other, "b"), question(one, "c"))))
    assert [names(inquiry.questions) for inquiry in one.asked] == [["a", "c"]]
    assert [names(inquiry.questions) for inquiry in other.asked] == [["b"]]


def test_what_depends_on_the_answer_of_somebody_else_is_not_asked() -> None:
    one, other = Clerk(), Clerk()
    inquiry = Inquiry((question(other, "a"),), question(one, "key"), (question(other, "b"),), (question(one, "c"),))
    ask(inquiry)
    assert [names(found.questions) for found in one.asked] == [["key", "c"]]
    assert [names(found.questions) for found in other.asked] == [["a"]]


def test_a_key_decides_which_questions_were_asked() -> None:
    clerk = Clerk()
    inquiry = Inquiry(
        (question(clerk, "always"),), question(clerk, "key"), (question(clerk, "found"),), (question(clerk, "missed"),)
    )
    assert names(inquiry.questions) == ["key", "always", "found", "missed"]
    assert inquiry.asked(keys=2) == {0, 1, 2}
    assert inquiry.asked(keys=0) == {0, 1, 3}
