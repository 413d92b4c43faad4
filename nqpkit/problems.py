"""What is wrong with a study, said so that its author can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file of a study.

    Attributes
    ----------
    severity : {"error", "warning"}
        An error keeps the study from being evaluated, or shows that a figure is wrong; a warning wants a look.
    file : str
        Name of the file in the study's folder.
    row : int
        Line in the file, the header being 1; 0 for the file as a whole.
    column : str
        Column of a table, or path of keys in a YAML file; may be empty.
    value : str
        What stands there.
    message, remedy : str
        What is wrong, and what to do.

    Examples
    --------
    >>> print(Problem("error", "figures.csv", 7, "value", "12,5", "'12,5' is not a number", "Write 12.5."))
    figures.csv, row 7, column value: '12,5' is not a number. Write 12.5.
    """

    severity: str
    file: str
    row: int
    column: str
    value: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        place = "column" if self.file.endswith(".csv") else "key"
        column = f", {place} {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: {self.message}. {self.remedy}".strip()
