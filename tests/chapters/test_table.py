"""Tables of the chapters: text is escaped, missing values are a dash, index levels are row heads."""

import pandas as pd

from nqpkit.chapters.table import Table


def test_a_table_shows_labels_whole_and_safe():
    index = pd.MultiIndex.from_tuples([("West", "<b>Gansu</b>"), ("East", "x" * 80)], names=["group", "name"])
    html = Table(pd.DataFrame({"score": [1234.5, float("nan")], "rank": [3, 1]}, index=index), "A & B")._repr_html_()
    assert "&lt;b&gt;Gansu" in html and "<b>" not in html and "x" * 80 in html
    assert "1,234.50" in html and "<td data-value>–</td>" in html and "<td data-value>3</td>" in html
    assert "A &amp; B" in html and html.count('scope="row"') == 4 and html.count('scope="col"') == 4
