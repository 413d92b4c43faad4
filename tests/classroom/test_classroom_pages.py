"""What the classroom's pages tell people to type exists, and the places that they name are there."""

import re
from pathlib import Path

import pytest

from nqpkit.classroom import kit
from nqpkit.classroom.quiz import quiz_names, read_quiz
from nqpkit.cli import nqp

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*(ROOT / "book" / "classroom").glob("*.md"), *(ROOT / "book" / "teacher").glob("*.md")])
COMMAND = re.compile(r"\bnqp (?P<words>[a-z]+(?: [a-z]+)?)(?P<rest>[^\n`#]*)")


def commands():
    for page in PAGES:
        for found in COMMAND.finditer(page.read_text(encoding="utf-8")):
            yield page, found["words"].split(), re.findall(r"--([a-z-]+)", found["rest"])


def declared(words):
    """The command that words name, a group's member if it is one; None if there is none."""
    command = nqp.commands.get(words[0])
    if hasattr(command, "commands"):
        return command.commands.get(words[1]) if len(words) > 1 else command
    return command


def test_every_command_and_option_on_the_pages_exists():
    seen = 0
    for page, words, options in commands():
        command = declared(words)
        assert command is not None, f"{page.name}: nqp {' '.join(words)}"
        known = {name.lstrip("-") for parameter in command.params for name in parameter.opts} | {"help"}
        assert set(options) <= known, f"{page.name}: nqp {' '.join(words)} {options}"
        seen += 1
    assert seen >= 6


@pytest.mark.parametrize("page", ["start-windows", "start-mac-linux", "start-hub"])
def test_what_a_starting_page_names_is_in_the_kit(page):
    text = (ROOT / "book" / "classroom" / f"{page}.md").read_text(encoding="utf-8")
    assert "python -m nqpkit.classroom.machine" in text and "check-machine.ipynb" in text
    assert "-r requirements.txt" in text and (ROOT / "requirements.txt").is_file()
    assert (ROOT / "notebooks" / "check-machine.ipynb").is_file()


def test_the_offline_page_names_the_files_that_the_kit_writes(tmp_path):
    kit._scripts(tmp_path, ["3.12"])
    text = (ROOT / "book" / "classroom" / "start-offline.md").read_text(encoding="utf-8")
    installers = {path.name for path in tmp_path.glob("install-*")}
    assert len(installers) == 3
    assert {name for name in {*installers, kit.FIRST, kit.SUMS} if name not in text} == set()
    assert f"`{kit.FOLDER}`" in text


def test_no_exit_quiz_asks_a_question_of_the_test():
    asked = {question.text for name in ("pre", "post") for question in read_quiz(name).questions}
    assert not [question.text for name in quiz_names() if name.startswith("W") for question in read_quiz(name).questions
                if question.text in asked]
