"""How to read one region's page: its peers by distance beside its neighbours on the map, for any study."""

from nqpkit.chapters.case import case_code
from nqpkit.evaluation import Evaluation
from nqpkit.wording import counted, joined, safe


def facts(result: Evaluation) -> dict:
    """Peers and neighbours of the region followed, in words."""
    study, code = result.study, case_code(result)
    names = study.regions["name"].map(safe)
    peers = result.peers(code)["distance"]
    beside = list(study.neighbours.loc[study.neighbours["code"] == code, "neighbour"]) if len(study.neighbours) else []
    both = [key for key in peers.index if key in beside]
    everyone = result.peers(code, count=len(names))["distance"]
    return {
        "peers": joined(names[peers.index]), "count": counted(len(peers)),
        "nearest": names[peers.index[0]], "nearest_distance": f"{peers.iloc[0]:.2f}",
        "last_distance": f"{peers.iloc[-1]:.2f}", "farthest": names[everyone.index[-1]],
        "farthest_distance": f"{everyone.iloc[-1]:.2f}",
        "neighbours": f"Its neighbours on the map are {joined(names[beside])}." if beside else
                      "The study names no neighbours on the map.",
        "both": f"{counted(len(both)).capitalize()} of them {'is' if len(both) == 1 else 'are'} both "
                f"({joined(names[both])})." if both else "None of the peers is one of these." if beside else "",
    }
