"""The YAML files of a study: read safely, and held against the shape that they must have.

A shape is a type or tuple of types, a list with one shape (a list of such things), a dict of keys (one that ends in
``?`` may be missing), or a dict with the single key ``*`` (any names, each with a thing of that shape).
"""

from pathlib import Path

import yaml

from nqpkit.problems import Problem

NUMBER = (int, float)
TEXT = (str,)
NAMES = [TEXT]
YEARS = [(int,)]

LEVER = {"path": TEXT, "kind": TEXT, "controlled_by?": TEXT, "cost?": TEXT, "note?": TEXT}
INDICATOR = {
    "label": TEXT, "label_zh?": TEXT, "unit": TEXT, "direction": (int,), "formula": TEXT,
    "transform?": TEXT, "note?": TEXT, "claims?": NAMES, "lever?": LEVER,
}
DIMENSION = {
    "label": TEXT, "label_zh?": TEXT, "paper?": {"mechanism?": TEXT, "dilemma?": TEXT, "path?": TEXT},
    "indicators": {"*": INDICATOR},
}
FRAMEWORK = {
    "years": YEARS,
    "breaks?": {"*": YEARS},
    "systems": {"*": {"label": TEXT, "label_zh?": TEXT, "dimensions": {"*": DIMENSION}}},
    "dilemmas?": {"*": {"label": TEXT, "label_zh?": TEXT, "section?": TEXT, "indicators": NAMES}},
    "outside_dilemmas?": NAMES,
    "paths?": {"*": {"label": TEXT, "label_zh?": TEXT, "section?": TEXT, "levers": NAMES}},
    "alternatives?": {"*": {"label": TEXT, "label_zh?": TEXT, "drops?": NAMES, "dimensions": {"*": NAMES}}},
    "companions?": {"*": {
        "label": TEXT, "label_zh?": TEXT, "unit": TEXT, "formula": TEXT, "years?": YEARS, "note?": TEXT,
        "claims?": NAMES}},
}
SETTINGS = {
    "extends?": TEXT,
    "title": TEXT, "title_zh?": TEXT, "language?": TEXT, "unit": {"one": TEXT, "many": TEXT, "zh?": TEXT},
    "focus": TEXT, "groups": {"*": {"label": TEXT, "label_zh?": TEXT}},
    "years": {"figures": YEARS, "scored": YEARS}, "default_region?": TEXT,
    "options?": {"weights?": TEXT, "aggregate?": TEXT, "coupling?": TEXT, "winsorise?": NUMBER},
    "reference?": TEXT, "nation_names?": NAMES, "units?": NAMES, "unit_names?": {"*": NAMES},
    "vintages?": {"*": NAMES},
    "totals?": [{"name": TEXT, "series": TEXT, "year": (int,), "group": TEXT, "value": NUMBER, "tolerance": NUMBER,
                 "source?": TEXT}],
    "sums?": [{"total": TEXT, "parts": NAMES, "tolerance": NUMBER}],
    "nation?": [{"series": NAMES, "least": NUMBER, "most": NUMBER}],
    "gaps?": [{"series": TEXT, "years": YEARS, "codes?": NAMES, "reason": TEXT}],
}
DATED = {"publication": TEXT, "publisher": TEXT, "date": TEXT}
CLAIM = {
    "id": TEXT, "section": TEXT, "kind": TEXT, "text": TEXT, "words?": TEXT, "paper_value?": NUMBER, "unit?": TEXT,
    "computed?": TEXT, "published?": {"*": NUMBER}, "listed?": NAMES, "source?": DATED, "found?": TEXT,
    "verdict?": TEXT, "not_checkable?": TEXT, "note?": TEXT, "regions?": NAMES,
}
CLAIMS = {
    "paper": {"title": TEXT, "author": TEXT, "institution?": TEXT, "note?": TEXT},
    "claims": [CLAIM],
    "defects?": [{"id": TEXT, "section": TEXT, "text": TEXT, "treatment": TEXT, "claims?": NAMES}],
}
FACT = {"text": TEXT, "source": TEXT}
NOTES = {
    "sources": {"*": DATED},
    "regions": {"*": {"national?": [FACT], "plans?": [FACT], "facts?": [FACT], "caveat?": TEXT}},
}
WORDS = {str: "text", int: "a whole number", float: "a number", dict: "a block of keys", list: "a list"}



class _Loader(yaml.SafeLoader):
    """Plain YAML only: an alias could tie a knot or blow a small file up."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, f"the reference *{event.anchor} is not allowed here",
                                              event.start_mark)
        return super().compose_node(parent, index)


def read_yaml(path: Path, shape: dict) -> tuple[dict | None, dict, list[Problem]]:
    """Read a YAML file and hold it against a shape.

    Parameters
    ----------
    path : Path
    shape : dict
        For example :data:`FRAMEWORK`.

    Returns
    -------
    content : dict or None
        None if the file cannot be read, or is no block of keys.
    lines : dict
        Path of keys and positions (a tuple) → line in the file.
    problems : list of Problem

    Examples
    --------
    >>> content, lines, problems = read_yaml(Path("no such file.yml"), {"title": TEXT})
    >>> print(problems[0])
    no such file.yml: the file is missing. Add it to the study's folder.
    """
    lines, problems = {}, []

    def problem(line, column, value, message, remedy):
        problems.append(Problem("error", path.name, line, column, value, message, remedy))

    content = None
    try:
        loader = _Loader(path.read_bytes().decode("utf-8-sig"))
        node = loader.get_single_node()
        if node is None:
            problem(0, "", "", "the file is empty", "Fill it in, or copy it from another study.")
        else:
            _walk(node, (), lines, problem)
            content = loader.construct_document(node)
            _match(content, shape, (), lines, problem)
    except FileNotFoundError:
        problem(0, "", "", "the file is missing", "Add it to the study's folder.")
    except OSError as error:
        problem(0, "", "", f"the file cannot be read ({error.strerror})", "Check the file and its permissions.")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem(line, "", "", "the file is not UTF-8 text", "Save it again with the encoding UTF-8.")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem(mark.line + 1, "", "", f"this is not valid YAML: {error.problem} (position {mark.column + 1})",
                "Mend this line or the one before it: look for a missing colon, quote or bracket.")
    except (yaml.YAMLError, ValueError, TypeError, LookupError, RecursionError) as error:  # as the library raises them
        problem(0, "", "", f"this is not valid YAML: {(str(error) or 'nested too deeply').splitlines()[0]}",
                "Mend the file.")
    return content if isinstance(content, dict) else None, lines, problems


def _walk(node, path, lines, problem):
    """Note the line of every key and item, and name keys that stand in a block twice."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                problem(line, ".".join(map(str, (*path, name))), name, f"the key '{name}' stands in this block twice",
                        "Remove one of them.")
            seen.add(name)
            lines[*path, name] = line
            _walk(value, (*path, name), lines, problem)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _walk(value, (*path, number), lines, problem)


def _match(thing, shape, path, lines, problem):
    def fault(where, value, message, remedy):
        problem(line_of(lines, where), ".".join(map(str, where)), value, message, remedy)

    kinds = shape if isinstance(shape, tuple) else (type(shape),)
    if not isinstance(thing, kinds) or isinstance(thing, bool):
        fault(path, _shown(thing), f"{WORDS[kinds[-1]]} is expected here, not {_said(thing)}",
              "Write it so; text with a comma or a colon, and codes, need quotes.")
    elif isinstance(shape, list):
        for number, item in enumerate(thing):
            _match(item, shape[0], (*path, number), lines, problem)
    elif isinstance(shape, dict) and set(shape) == {"*"}:
        for name, item in thing.items():
            if not isinstance(name, str):
                fault((*path, str(name)), str(name), f"the name {name} is not text", "Put it in quotes.")
            _match(item, shape["*"], (*path, str(name)), lines, problem)
    elif isinstance(shape, dict):
        known = {key.rstrip("?"): inner for key, inner in shape.items()}
        for name, item in thing.items():
            if name in known:
                _match(item, known[name], (*path, name), lines, problem)
            else:
                fault((*path, str(name)), str(name), f"the key '{name}' is not known here",
                      f"Known keys: {', '.join(known)}. A label with a comma needs quotes.")
        for key in shape:
            if not key.endswith("?") and key not in thing:
                fault(path, key, f"the key '{key}' is missing", "Add it.")


def all_optional(shape: dict) -> dict:
    """The same shape with no key needed: what an extension of another study may leave to it."""
    return {key.rstrip("?") + "?": inner for key, inner in shape.items()}


def line_of(lines: dict, path: tuple) -> int:
    """The line of a key, or of the nearest block around it."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 0)


def _shown(thing) -> str:
    return str(thing) if isinstance(thing, (str, int, float)) else ""


def _said(thing) -> str:
    word = next((WORDS[kind] for kind in (str, int, float, dict, list) if isinstance(thing, kind)), "something else")
    if isinstance(thing, bool):
        word = "true or false"
    return "nothing" if thing is None else f"{word} ({thing})" if _shown(thing) else word
