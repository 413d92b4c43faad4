"""Any form of an answer becomes the same plain data."""

import json

import numpy as np
import pandas as pd
import pytest

from nqpkit.classroom.answers import label, number, plain
from nqpkit.errors import InputError


@pytest.mark.parametrize("value", [
    {"gansu": 0.5, "tibet": None}, pd.Series({"gansu": 0.5, "tibet": np.nan}),
    pd.DataFrame({"D": [0.5, np.nan]}, index=["gansu", "tibet"]),
    pd.DataFrame({"D": {("gansu", 2023): 0.5, ("tibet", 2023): np.nan}}),
    pd.DataFrame({"slug": ["gansu", "tibet"], "D": [0.5, np.nan]}),
    pd.DataFrame({"gansu": [0.5], "tibet": [np.nan]}),
])
def test_tables_and_mappings_say_the_same(value):
    assert plain(value) == {"gansu": 0.5, "tibet": None}


@pytest.mark.parametrize("value", [[1, 2], (1, 2), {2, 1}, np.array([1, 2]), pd.Series([1, 2]), pd.Index([1, 2]),
                                   range(1, 3)])
def test_sequences_say_the_same(value):
    assert plain(value) == [1, 2]


@pytest.mark.parametrize("value", [np.float32(0.5), {"a": np.int64(3)}, pd.NA, np.inf, pd.Categorical(["a"]),
                                   np.bool_(1)])
def test_what_comes_out_is_json(value):
    json.dumps(plain(value), allow_nan=False)


def test_two_levels_become_two_levels():
    index = pd.MultiIndex.from_product([["gansu", "tibet"], [2022, 2023]])
    assert plain(pd.Series([1, 2, 3, 4], index)) == {"gansu": {"2022": 1, "2023": 2}, "tibet": {"2022": 3, "2023": 4}}


def test_what_is_no_answer_is_refused():
    endless = []
    endless.append(endless)
    for value in (print, (n for n in "ab"), np.zeros(5_001), pd.DataFrame(np.zeros((100, 100))), endless):
        with pytest.raises(InputError):
            plain(value)


def test_text_is_read_as_a_number():
    assert [number(text) for text in ("21.53%", "1 260 582", "-0.5 per cent", "1e-3", ".5", "e", "", "1,2")] == [
        21.53, 1260582, -0.5, 0.001, 0.5, None, None, None]


def test_every_region_is_known_by_all_its_names(study):
    for code, row in study.regions.iterrows():
        names = (code, int(code), f"{code}0000", row["slug"], row["name"], row["name"].upper(), row["name_zh"],
                 row["name_full_zh"], f" {row['name']} ")
        assert {label(name, study) for name in names} == {row["slug"]}
    assert label("Xizang", study) == "tibet" and label("甘肃省", study) == label("Gansu Province", study) == "gansu"


def test_names_in_files_and_on_pages_are_one(study):
    about = study.framework.indicators()
    for name, words in about.iterrows():
        assert {label(word, study) for word in (name, words["label"], words["label_zh"])} == {name}
    assert label("轻度失调", study) == "mild imbalance" and label("Industrial upgrading", study) == "industry"
