"""The paper's arrows, the way back that it leaves out, and what a class can check of each."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from nqpkit import theme
from nqpkit.analysis.association import partial_correlation
from nqpkit.chapters.dimension import of_paper
from nqpkit.chapters.guards import must_hold
from nqpkit.chapters.table import Table
from nqpkit.chapters.together.scores import quantities
from nqpkit.drawing import Figure
from nqpkit.evaluation import Evaluation
from nqpkit.wording import number

# What a class can check of each arrow: the arrow, its ends as columns of `quantities`, and who drew it.
LINKS = {
    "likeness": ("technology → industry", "technology", "industry", "paper"),
    "yield": ("industry → innovation yield", "industry", "innovation_yield", "paper"),
    "diffusion": ("technology bought → new products sold", "contracts_absorbed", "new_product_sales", "paper"),
    "staff": ("research staff → patents", "rd_staff", "invention_patents", "paper"),
    "cable": ("broadband → GDP per head", "broadband_ports", "income", "paper"),
    "back": ("GDP per head → research intensity", "income", "rd_intensity", "missing in the paper"),
}
BOXES = {  # centre in the graph's own units, and words
    "factors": (1.55, 1.6, "Production\nfactors"),
    "technology": (1.55, 4.0, "Technological\ninnovation"),
    "industry": (1.55, 6.4, "Industrial\nupgrading"),
    "hqed": (8.2, 4.0, "High-quality\ndevelopment"),
    "income": (5.0, -1.1, "income, prices, transfers, size, place"),
}
MECHANISMS = ["industry", "technology", "factors"]


def links(result: Evaluation, year: int | None = None) -> Table:
    """The arrows that a class can check: rank correlation of their ends, and what is left given GDP per head."""
    now = quantities(of_paper(result)).xs(result.year(year), level="year")
    ranks = now.rank()
    rows = {}
    for words, x, y, drawn in LINKS.values():
        given = float("nan") if "income" in (x, y) else partial_correlation(ranks[x], ranks[y], ranks["income"])
        rows[words] = {"Rank correlation": ranks[x].corr(ranks[y]), "Given GDP per head": given, "Drawn by": drawn}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Arrow")
    return Table(table, f"What goes with what over {len(now)} provinces, {result.year(year)}. A dash: GDP per head is "
                        "one of the ends.")


def graph(result: Evaluation) -> Figure:
    """The paper's arrows, the reverse path that it leaves out, and what may stand behind both."""
    result = of_paper(result)
    year, second = result.year(), result.systems.columns[1]
    now = quantities(result).xs(year, level="year")[[*MECHANISMS, second, "income"]]
    rho = now.rename(columns={second: "hqed"}).corr(method="spearman")
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 5.0))
        for name in BOXES:
            _box(ax, name)
        for name in MECHANISMS:
            y = BOXES[name][1]
            _arrow(ax, (3.2, y + 0.2), (6.6, 4.13 + (y - 4) * 0.26), theme.INK, "-")
            _arrow(ax, (6.6, 3.87 + (y - 4) * 0.26), (3.2, y - 0.2), theme.ACCENT, "--")
            _number(ax, 4.5, 4 + (y - 4) * 0.72, rho.loc[name, "hqed"])
        for upper, lower in (("industry", "technology"), ("technology", "factors")):
            top, bottom = BOXES[upper][1] - 0.98, BOXES[lower][1] + 0.98
            _arrow(ax, (1.55, bottom), (1.55, top), theme.INK, "-")
            _number(ax, 1.0, (top + bottom) / 2, rho.loc[upper, lower])
        for x, y in ((1.55, 0.62), (8.2, 3.02)):
            _arrow(ax, (2.2 if x < 5 else 8.2, -0.38), (x, y), theme.MUTED, ":")
        ax.text(7.0, 6.75, "solid: the paper's arrows", fontsize=8.5, color=theme.INK)
        ax.text(7.0, 6.25, "dashed: the way back,\nnot in the paper", fontsize=8.5, color=theme.ACCENT, va="top")
        ax.text(4.5, 0.35, "dotted: what may\nstand behind both", fontsize=8.5, color="#66707a", va="center")
        ax.set(xlim=(-0.2, 10), ylim=(-2, 7.5))
        ax.axis("off")
        drawing.tight_layout(pad=0.3)
    plt.close(drawing)
    with_hqed = rho.loc[MECHANISMS, "hqed"].rename(lambda name: BOXES[name][2].replace("\n", " "))
    alt = ("Graph of arrows. Three boxes, production factors, technological innovation and industrial upgrading, each "
           "point to high-quality development; factors point to technology and technology to industry. Dashed arrows, "
           "missing in the paper, run back from development to each of the three. A box with income, prices, "
           f"transfers, size and place points to both sides. Rank correlations with development in {year}: "
           + ", ".join(f"{name} {value:.2f}" for name, value in with_hqed.items())
           + f"; highest {with_hqed.idxmax()}, lowest {with_hqed.idxmin()}.")
    caption = ("The mechanisms as arrows: those of the paper, section 2 (solid), the way back that it leaves out "
               "(dashed), and what may stand behind both (dotted). Numbers: rank correlations over "
               f"{len(now)} provinces, {year}, the same in both directions. Source: own computation on the study's "
               "official figures; weights equal.")
    return Figure(drawing, caption, alt, rho.rename(index=str.capitalize, columns=str.capitalize), name="graph")


def arrow_facts(result: Evaluation) -> dict:
    """The correlations of `links`, with and without GDP per head."""
    checked = links(result).values
    must_hold("Buying technology hardly goes with new products.",
              abs(checked.loc[LINKS["diffusion"][0], "Rank correlation"]) < 0.3,
              "the rank correlation of contracts bought and new products")
    return {f"link_{name}{short}": number(checked.loc[words, column]) for name, (words, *ends, _) in LINKS.items()
            for short, column in (("", "Rank correlation"), ("_given", "Given GDP per head"))
            if not (short and "income" in ends)}


def _box(ax, name):
    x, y, words = BOXES[name]
    behind = name == "income"
    wide, high = (4.4, 0.62) if behind else (1.5, 0.85)
    ax.add_patch(FancyBboxPatch((x - wide, y - high), 2 * wide, 2 * high, fc="#f3f5f7", lw=1.2, zorder=3,
                                boxstyle="round,pad=0.08,rounding_size=0.25", ec=theme.MUTED if behind else theme.INK))
    ax.text(x, y, words, ha="center", va="center", fontsize=9, zorder=4, fontweight="normal" if behind else "bold")


def _arrow(ax, start, end, colour, style):
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=13, color=colour, lw=1.7,
                                 linestyle=style, shrinkA=0, shrinkB=0, zorder=2))


def _number(ax, x, y, value):
    ax.text(x, y, f"{value:.2f}", fontsize=8.5, ha="center", va="center", zorder=5,
            bbox={"fc": "white", "ec": "none", "pad": 1.2})
