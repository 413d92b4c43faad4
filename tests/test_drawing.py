"""Marks that several figures share: cells in their places and inks, notes beside their points, names in bold."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from nqpkit.chapters.gaps import bill_drawing
from nqpkit.drawing import explain_marks, heat_map, ink_on, name_rows, note


@pytest.fixture
def ax():
    drawing, ax = plt.subplots()
    yield ax
    plt.close(drawing)


def texts(ax):
    return {(text.get_position(), text.get_text()): text for text in ax.texts}


def test_cells_stand_where_the_table_has_them_in_their_shades(ax):
    table = pd.DataFrame([[0.0, 1.0, 2.0], [3.0, np.nan, 5.0]])
    shades = {0.0: "#000000", 1.0: "#ffffff", 2.0: "#0b6fa4", 3.0: "#b4450f", 5.0: "white"}
    heat_map(ax, table, shades.get, table.map("{:.0f}".format), strong=table > 2)
    cells = {(patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2): to_hex(
        patch.get_facecolor()) for patch in ax.patches}
    middle = {(round(x, 6), round(y, 6)): shade for (x, y), shade in cells.items()}
    assert middle == {(0, 0): "#000000", (1, 0): "#ffffff", (2, 0): "#0b6fa4", (0, 1): "#b4450f", (2, 1): "#ffffff"}
    found = texts(ax)
    assert {place: text for place, text in found} == {(0, 0): "0", (1, 0): "1", (2, 0): "2", (0, 1): "3", (2, 1): "5"}
    assert {text.get_text() for text in ax.texts if text.get_fontweight() == "bold"} == {"3", "5"}
    assert found[(0, 0), "0"].get_color() == "white" and found[(1, 0), "1"].get_color() == ink_on((1, 1, 1))
    assert ax.get_ylim() == (1.5, -0.5), "the first row is on top"


def test_rows_of_cells_can_stand_apart_and_a_table_can_be_empty(ax):
    table = pd.DataFrame([[1.0], [2.0]])
    heat_map(ax, table, lambda value: "white", table.astype(str), at=[0, 1.35])
    assert [text.get_position()[1] for text in ax.texts] == [0, 1.35] and ax.get_ylim() == (1.85, -0.5)
    heat_map(ax, table.iloc[:0], lambda value: "white", table.astype(str).iloc[:0])
    assert len(ax.texts) == 2


@pytest.mark.parametrize(("dx", "dy", "ha", "va"), [(8, 0, "left", "center"), (-8, 0, "right", "center"),
                                                    (0, 9, "center", "baseline")])
def test_a_note_stands_on_the_side_that_it_is_moved_to(ax, dx, dy, ha, va):
    note(ax, "here", (1, 2), dx, dy)
    (text,) = ax.texts
    assert text.xy == (1, 2) and text.xyann == (dx, dy)
    assert (text.get_ha(), text.get_va(), text.get_fontsize()) == (ha, va, 9)


def test_a_note_takes_what_it_is_told(ax):
    note(ax, "here", (0, 0), 5, va="bottom", fontsize=7)
    assert (ax.texts[0].get_va(), ax.texts[0].get_fontsize()) == ("bottom", 7)


def test_names_take_the_place_of_the_axis(ax):
    name_rows(ax, pd.Series({"62": "Gansu", "50": "Chongqing"}), "50", at=[2, 5])
    assert list(ax.get_yticks()) == [2, 5]
    assert [(tick.get_text(), tick.get_fontweight()) for tick in ax.get_yticklabels()] == [
        ("Gansu", "normal"), ("Chongqing", "bold")]
    assert not ax.spines["left"].get_visible()


def test_every_mark_is_explained_in_one_line(ax):
    explain_marks(ax, {"now": {"marker": "o", "color": "red"}, "then": {"marker": "s", "color": "blue"}}, (0.5, 0))
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["now", "then"]
    assert [handle.get_marker() for handle in legend.legend_handles] == ["o", "s"]


def test_a_bill_stacks_what_is_missing_on_what_is_spent():
    bill = pd.DataFrame({"now": [10.0, 4.0], "extra": [5.0, 8.0]}, index=["a", "b"])
    drawing = bill_drawing(bill, pd.Series([0.1, 0.3], bill.index), pd.Series({"b": "Beta", "a": "Alpha"}), "a",
                           titles=("bill", "points"), forms=("+{:.0f}", "{:.1f}"), colour="red")
    left, right = drawing.axes
    assert [(bar.get_x(), bar.get_width()) for bar in left.patches] == [(0, 10), (0, 4), (10, 5), (4, 8)]
    assert [bar.get_width() for bar in right.patches] == [0.1, 0.3]
    assert [text.get_text() for text in (*left.texts, *right.texts)] == ["+5", "+8", "0.1", "0.3"]
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["Alpha", "Beta"]
