"""A workshop of three exercises, small enough to be graded in an ordinary test."""

from nqpkit.classroom import workshops

NAMES = {"w9": "w9-toy"}
SOURCE = '''---
workshop:
  title: Toy
  title_zh: 练习
  about: One exercise.
  objectives: [compute a coupling degree]
  needs: [a calculator]
  chapters: []
  homework: []
---

```{code-cell} ipython3
:tags: [parameters]
province = "gansu"  # your province
year = 2023  # the scored year
study = ""  # folder of a study of your own
```

```{code-cell} ipython3
from nqpkit.classroom import begin

check = begin(province, year, study)
```

+++ {"step": "By hand", "zh": "手算", "minutes": 5}

One step.

+++ {"exercise": "E8.1", "how": "by hand"}

Compute.

```{code-cell} ipython3
:tags: [solution]
E8_1 = 0
```

+++ {"exercise": "E2.1", "how": "with code"}

Your share.

```{code-cell} ipython3
:tags: [solution]
E2_1 = 0
```

+++ {"exercise": "E1.2", "how": "in words"}

Write.

```{code-cell} ipython3
:tags: [solution]
E1_2 = ""
```
'''


def use(monkeypatch) -> None:
    """Let packs and grading know this workshop and no other."""
    monkeypatch.setattr("nqpkit.classroom.packs.workshop_names", lambda: NAMES)
    monkeypatch.setattr("nqpkit.classroom.gradebook.workshop_names", lambda: NAMES)
    monkeypatch.setattr(workshops, "read_workshop", lambda name: workshops.parse_workshop(name, SOURCE))
