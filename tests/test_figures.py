"""Figures by meaning: what they draw equals the evaluation, and their words say subject, unit and extremes."""

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from nqpkit import Study, evaluate, figures
from nqpkit.drawing import ink_on
from nqpkit.exchange.start import new_study

MAKERS = {
    "trend": lambda r, region: figures.trend(r, region),
    "profile": lambda r, region: figures.profile(r, region, 2023),
    "coordination": lambda r, region: figures.coordination(r, region),
    "intervals": lambda r, region: figures.intervals(r, region, 2023),
    "obstacles": lambda r, region: figures.obstacles(r, region, 2023),
    "tile_map": lambda r, region: figures.tile_map(r, region, 2023),
}


@pytest.mark.parametrize("region", ["gansu", "tibet", "beijing"])
@pytest.mark.parametrize("name", list(MAKERS))
def test_words_and_picture(result, name, region):
    figure = MAKERS[name](result, region)
    label = result.study.regions.loc[result.study.resolve(region), "name"]
    assert label in figure.alt and label in figure.caption
    assert len(figure.alt) > 80 and not re.search(r"\bnan\b", figure.alt)
    assert "Source:" in figure.caption
    data, metadata = figure._repr_mimebundle_()
    assert metadata["image/png"] == {"alt": figure.alt, "caption": figure.caption, "name": figure.name,
                                     "csv": figure.values.to_csv(lineterminator="\n")}
    assert data["text/plain"] == figure.alt
    assert figure.png() == MAKERS[name](result, region).png(), "the same figure must give the same bytes"
    assert not plt.get_fignums(), "figures are closed, or long runs fill the memory"


def test_values_are_those_of_the_evaluation(result):
    trend = figures.trend(result, "gansu").values
    assert trend["New quality productivity"].tolist() == result.systems.loc["62", "nqp"].tolist()
    profile = figures.profile(result, "gansu", 2023).values
    assert profile["Gansu"].tolist() == result.dimensions.loc[("62", 2023)].tolist()
    tiles = figures.tile_map(result, "gansu", 2023).values["D"]
    assert tiles.loc["Gansu"] == result.coupling.loc[("62", 2023), "coordination"] and len(tiles) == 31
    lines = figures.obstacles(result, "gansu", 2023).values
    assert lines["share"].sum() == pytest.approx(1)


def test_labels_at_line_ends_do_not_cover_each_other(result):
    for region in result.study.regions["slug"]:
        drawing = figures.trend(result, region).drawing
        drawing.canvas.draw()
        for ax in drawing.axes:
            boxes = sorted((t.get_window_extent() for t in ax.texts), key=lambda box: box.y0)
            assert all(low.y1 <= high.y0 + 2 for low, high in zip(boxes, boxes[1:], strict=False)), region


def test_every_glyph_is_in_the_font(result, recwarn):
    for make in MAKERS.values():
        make(result, "shaanxi").png()
    assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_a_region_without_scores_is_shown_as_such(result):
    from dataclasses import replace
    systems = result.systems.copy()
    systems.loc[("54", 2023)] = float("nan")
    figure = figures.tile_map(replace(result, systems=systems), "gansu", 2023)
    assert "no data" in [t.get_text() for t in figure.drawing.axes[0].texts]
    assert pd.isna(figure.values.loc["Tibet", "D"]) and "of 30" in figure.alt


def test_ink_contrasts():
    assert ink_on((1, 1, 1)) != "white" and ink_on((0, 0, 0.3)) == "white"


def test_many_regions_are_drawn_in_order_and_near_the_one_that_is_named(tmp_path, monkeypatch):
    counties = evaluate(Study.load(new_study(tmp_path / "counties", "counties")))
    every = figures.intervals(counties, "kestrel").values
    monkeypatch.setattr(figures, "TILES", 5)
    monkeypatch.setattr(figures, "NEAR", 3)
    ranking = figures.tile_map(counties, "kestrel")
    table = counties.table().set_index("name")
    assert ranking.values.iloc[:, 0].to_dict() == pytest.approx(table[counties.overall.name].to_dict())
    assert ranking.values.iloc[:, 0].is_monotonic_decreasing and "Kestrel has" in ranking.alt
    assert f"rank {table.loc['Kestrel', counties.overall.rank]}." in ranking.alt
    near = figures.intervals(counties, "kestrel")
    place = list(every.index).index("Kestrel")
    assert len(near.values) == 3 and "Kestrel" in near.values.index and len(every) == 4
    assert list(near.values.index) in [list(every.index[n:n + 3]) for n in (place - 2, place - 1, place)]
    assert "the 3 nearest to it of 4" in near.caption
