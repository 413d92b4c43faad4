"""The region that the chapters follow, and the study's own words for its regions, groups and systems."""

from dataclasses import replace
from functools import lru_cache

from nqpkit.evaluation import Evaluation
from nqpkit.wording import safe


def facts(result: Evaluation) -> dict:
    """Names and last scores of the region followed: ``{{ case.name }}``, ``{{ case.many }}`` and so on.

    What speaks of a second score or of coupling is there if the study has two systems or more.
    """
    study, year, code = result.study, result.year(), case_code(result)
    now, place = result.standing.loc[(code, year)], study.regions.loc[code]
    first, *others = result.framework.systems.items()
    found = {
        "name": safe(place["name"]), "slug": place["slug"], "group": safe(study.groups[place["group"]]["label"]),
        "one": safe(study.unit["one"]), "many": safe(study.unit["many"]), "year": year, "first_year": study.years[0],
        "regions": len(study.regions), "focus": safe(study.groups[study.focus]["label"]),
        "reference": safe(study.groups[result.reference_group]["label"]),
        "first": result.study.said(safe(first[1]["label"])), "first_score": f"{now[first[0]]:.2f}",
        "first_rank": int(now[f"rank_{first[0]}"]), "rank": int(now[result.overall.rank]),
    }
    if not others:
        return found
    second = others[0]
    return found | {
        "second": result.study.said(safe(second[1]["label"])), "second_score": f"{now[second[0]]:.2f}",
        "second_rank": int(now[f"rank_{second[0]}"]),
        "c": f"{now['coupling']:.2f}", "t": f"{now['development']:.2f}", "d": f"{now['coordination']:.2f}",
        "grade": str(now["grade"]),
    }


def case_code(result: Evaluation) -> str:
    """The code of the study's default region or, if that has no scores in the last year, of the first that has."""
    study = result.study
    scored = result.standing[result.overall.name].xs(result.year(), level="year").dropna().index
    named = study.settings.get("default_region")
    code = study.resolve(named) if named else study.regions.index[0]
    return code if code in scored else scored[0]


@lru_cache(maxsize=64)
def follow(result: Evaluation, region: str) -> Evaluation:
    """The same evaluation, with another region for the chapters to follow: their figures and facts speak of it.

    Parameters
    ----------
    result : Evaluation
    region : str
        Code, slug or name.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> facts(follow(evaluate(Study.load()), "云南"))["name"]
    'Yunnan'
    """
    study, code = result.study, result.study.resolve(region)
    slug = study.regions.loc[code, "slug"]
    if study.settings.get("default_region") == slug:
        return result
    return replace(result, study=replace(study, settings={**study.settings, "default_region": slug}))
