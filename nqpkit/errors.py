"""The one exception that means: what was asked cannot be understood or met."""


class InputError(ValueError):
    """A mistake in what the user gave: a study, a name, an option, a file.

    The message is a sentence in plain words that says what is wrong, where (file, row, column) and what
    to do. The command line prints it and leaves with exit code 2; a notebook shows it without a traceback.
    """

    def _render_traceback_(self):
        return [f"{type(self).__name__}: {self}"]
