"""The quizzes as exercises: Q1 to Q6 after the workshops, and the test before (pre) and after (post) the course."""

from nqpkit.classroom.checking import Item, Mistake
from nqpkit.classroom.quiz import FORMS, quiz_names, quiz_slips, read_quiz


def quiz_item(name: str, quiz: str) -> Item:
    """A quiz as an item: the letters in order, and a mistake for every wrong option."""
    slips = quiz_slips(quiz)
    return Item(name, len(slips), f'a list of {len(slips)} letters, one a question, such as ["a", "c", …]',
                lambda place: list(read_quiz(quiz).key),
                tuple(_mistake(quiz, number, slip) for number, rows in enumerate(slips, start=1) for slip in rows), 0)


def _mistake(quiz, number, slip):
    def wrong(place):
        found = read_quiz(quiz)
        slips, letters = found.questions[number - 1].slips, list(found.key)
        letters[number - 1] = next(letter for letter, behind in slips.items() if behind == slip)
        return letters

    return Mistake(f"{number}: {slip}", f"In question {number} this looks like a known slip: {slip}.", wrong)


ITEMS = {name: quiz_item(name, quiz) for name, quiz in (
    (quiz if quiz in FORMS else f"Q{quiz[1:]}", quiz) for quiz in quiz_names())}
