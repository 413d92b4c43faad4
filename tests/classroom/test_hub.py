"""Links to hubs: their parts come back out of them unchanged, and what is no address is refused."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from nqpkit.classroom.hub import binder_link, pull_link
from nqpkit.errors import InputError

HUB, REPOSITORY = "https://hub.example.edu/", "https://git.example.edu/economics/nqp-course.git"


def test_a_pull_link_carries_its_parts():
    parts = urlsplit(pull_link(HUB, REPOSITORY, "spring", "工作坊/w4 coupling.ipynb"))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("hub.example.edu", "/hub/user-redirect/git-pull")
    assert asked == {"repo": REPOSITORY, "branch": "spring", "urlpath": "lab/tree/nqp-course/工作坊/w4 coupling.ipynb"}


def test_a_binder_link_names_github_shortly_and_any_other_place_by_its_address():
    assert "/v2/gh/example/nqpkit/main?" in binder_link("https://b.example.org", "https://github.com/example/nqpkit.git")
    path = urlsplit(binder_link("https://b.example.org", REPOSITORY, "a/b")).path
    assert path.startswith("/v2/git/") and unquote(path.split("/")[3]) == REPOSITORY.removesuffix(".git")
    assert path.endswith("/a%2Fb")


@pytest.mark.parametrize("given", [
    {"hub": "hub.example.edu", "repository": REPOSITORY}, {"hub": HUB, "repository": "my repository"},
    {"hub": HUB, "repository": REPOSITORY, "open_file": "../secret.ipynb"},
    {"hub": HUB, "repository": REPOSITORY, "open_file": "/etc/passwd"},
])
def test_what_is_no_address_is_refused(given):
    with pytest.raises(InputError):
        pull_link(**given)
