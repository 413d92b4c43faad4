"""The audit as a part of a page: its words are the audit's numbers, and another study does not break it."""

from dataclasses import replace

from nqpkit.analysis.audit import audit
from nqpkit.book.audit_pages import audit_part


def test_the_part_says_what_the_audit_found(result):
    found, text = audit(result), audit_part(result, "")
    assert "No raw series stands in the numerator" in text and found.shared.empty
    assert f"correlate with {found.association.r:.2f}" in text
    assert f"with {found.association.partial:.2f}. An association" in text
    for name, row in found.dimensions.iterrows():
        assert result.framework.dimensions().loc[name, "label"] in text and f"{row['alpha']:.3f}" in text
    changed = int((found.leave_one_out["grades"] > 1).sum())
    assert f"{changed} of {len(found.leave_one_out)} provinces would have another grade" in text
    assert f"{(found.random['place'] == 'above').sum()} above" in text


def test_a_question_that_a_study_cannot_answer_is_said(result):
    study = result.study
    lacking = replace(study, figures=study.figures[study.figures["series"] != "population"])
    text = audit_part(replace(result, study=lacking), "")
    assert "Not to be said for this study: There is no series" in text and "Alpha" in text
