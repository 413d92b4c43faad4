"""A second study, small and of another kind: river districts without money, neighbours or vintages."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml

from nqpkit import Study, evaluate

NAMES = ["Ford", "Weir", "Lock", "Mill", "Quay", "Reed", "Sand", "Tarn", "Vale"]
SETTINGS = {
    "title": "Rivers", "unit": {"one": "district", "many": "districts"}, "focus": "upper",
    "groups": {"upper": {"label": "Upper reach"}, "lower": {"label": "Lower reach"}, "mouth": {"label": "Mouth"}},
    "years": {"figures": [2019, 2022], "scored": [2019, 2022]},
}
INDICATORS = {
    "water": {"flow": ["oxygen", "depth"], "bed": ["gravel"]},
    "life": {"fish": ["trout", "eel"], "plants": ["reeds"]},
}


@pytest.fixture(scope="session")
def rivers(tmp_path_factory):
    """The evaluation of the second study."""
    folder = tmp_path_factory.mktemp("rivers")
    names = [name for parts in INDICATORS.values() for block in parts.values() for name in block]
    rng = np.random.default_rng(7)
    codes = [f"r{n}" for n in range(1, len(NAMES) + 1)]
    level = dict(zip(codes, rng.permutation(len(codes)) + 2.0, strict=True))
    rows = [(code, year, name, round(level[code] * (1 + 0.1 * (year - 2019)) + rng.normal(0, 1) ** 2 + 1, 3), "gauge")
            for code in codes for year in range(2019, 2023) for name in names]
    rows = [row for row in rows if row[:3] != ("r2", 2020, "depth")]
    tables = {
        "regions": pd.DataFrame({"code": codes, "slug": [n.lower() for n in NAMES], "name": NAMES,
                                 "group": ["upper", "lower", "mouth"] * 3, "tile_row": [0, 1, 2] * 3,
                                 "tile_col": [0, 0, 0, 1, 1, 1, 2, 2, 2]}),
        "series": pd.DataFrame({"series": names, "name": [n.capitalize() for n in names], "unit": "points"}),
        "sources": pd.DataFrame({"source": ["gauge"], "publication": ["Gauge book"], "publisher": ["River board"]}),
        "figures": pd.DataFrame(rows, columns=["code", "year", "series", "value", "source"]),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
    systems = {system: {"label": system.capitalize(), "dimensions": {
        dimension: {"label": dimension.capitalize(), "indicators": {
            name: {"label": name.capitalize(), "unit": "points", "direction": 1, "formula": name} for name in block}}
        for dimension, block in parts.items()}} for system, parts in INDICATORS.items()}
    for name, content in (("study.yml", SETTINGS), ("framework.yml", {"years": [2019, 2022], "systems": systems})):
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return evaluate(Study.load(folder))


@pytest.fixture(scope="session")
def complete():
    """Refuses a figure that lacks words, a source, values or a picture, or that is left open."""
    def check(figure):
        assert len(figure.alt) > 80 and not re.search(r"\bnan\b", figure.alt + figure.caption)
        assert "Source:" in figure.caption and len(figure.values)
        assert figure.png()[:4] == b"\x89PNG" and not plt.get_fignums()
    return check
