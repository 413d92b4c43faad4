"""Two roles for the book's prose: what somebody said, with its source, and the verdict on a claim of the paper."""

import os

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from nqpkit.claims import anchor, find_claim, ledger, stamp_classes, stamp_words
from nqpkit.errors import InputError
from nqpkit.evaluation import evaluate
from nqpkit.study import Study

STUDY = "NQP_STUDY"  # the environment variable that names the study of the book
LEDGER = "book/reference/claims"


class Said(SphinxRole):
    """``{said}`text|source and date``` marks words or a figure as somebody's, and says whose."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        words, _, source = (part.strip() for part in self.text.partition("|"))
        if not (words and source):
            return self._refuse(f"'{self.text}' is no quotation with a source: write {{said}}`text|source and date`.")
        quotation = nodes.inline("", f"“{words}”", classes=["nqp-said"])
        return [quotation, nodes.inline("", f" ({source})", classes=["nqp-source"])], []

    def _refuse(self, message):
        return [], [self.inliner.reporter.error(message, line=self.lineno)]


class Verdict(SphinxRole):
    """``{verdict}`S33``` puts the computed verdict on a claim, linked to its line in the ledger.

    In the book of a study without claims it shows nothing.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        study = Study.load(os.environ.get(STUDY) or None)
        if not study.claims:
            return [], []
        try:
            row = find_claim(ledger(evaluate(study)), self.text.strip())
        except InputError as error:
            return [], [self.inliner.reporter.error(str(error), line=self.lineno)]
        link = nodes.reference("", stamp_words(row), internal=True, refuri="", reftitle=row["text"],
                               classes=stamp_classes(row["verdict"]).split())
        link["nqp-claim"] = row["id"]
        return [link], []


def link_verdicts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give the stamps of a page their way to the ledger; it depends on the kind of book that is being made."""
    for link in doctree.findall(nodes.reference):
        if "nqp-claim" in link:
            link["refuri"] = f"{app.builder.get_relative_uri(docname, LEDGER)}#{anchor(link['nqp-claim'])}"
