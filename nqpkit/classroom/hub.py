"""Links that bring a class's notebooks to a JupyterHub or a BinderHub, put together from their parts."""

from pathlib import PurePosixPath
from urllib.parse import quote, urlencode, urlsplit

from nqpkit.errors import InputError


def pull_link(hub: str, repository: str, branch: str = "main", open_file: str = "") -> str:
    """A link that fetches a repository into a student's folder on a hub with nbgitpuller, and opens a file of it.

    Parameters
    ----------
    hub : str
        Address of the hub, with ``https``.
    repository : str
        Address of the git repository.
    branch : str
    open_file : str
        Path of the file inside the repository; empty for its folder.

    Raises
    ------
    InputError
        If an address is none, or the path leads out of the repository.

    Examples
    --------
    >>> link = pull_link("https://hub.example.edu", "https://git.example.edu/nqp.git", open_file="w4.ipynb")
    >>> link.partition("?")[0]
    'https://hub.example.edu/hub/user-redirect/git-pull'
    >>> link.partition("?")[2].split("&")
    ['repo=https%3A%2F%2Fgit.example.edu%2Fnqp.git', 'branch=main', 'urlpath=lab%2Ftree%2Fnqp%2Fw4.ipynb']
    """
    folder = PurePosixPath(urlsplit(_address(repository, "repository")).path).name.removesuffix(".git")
    place = PurePosixPath("lab/tree") / folder / _inside(open_file)
    query = urlencode({"repo": repository.rstrip("/"), "branch": branch, "urlpath": str(place)})
    return f"{_address(hub, 'hub')}/hub/user-redirect/git-pull?{query}"


def binder_link(binder: str, repository: str, branch: str = "main", open_file: str = "") -> str:
    """A link that builds a repository on a BinderHub and opens a file in JupyterLab.

    Parameters
    ----------
    binder, repository, branch, open_file
        As in `pull_link`; ``binder`` is the address of the BinderHub.

    Examples
    --------
    >>> binder_link("https://binder.example.org", "https://github.com/example/nqpkit", open_file="notebooks/a.ipynb")
    'https://binder.example.org/v2/gh/example/nqpkit/main?urlpath=lab%2Ftree%2Fnotebooks%2Fa.ipynb'
    >>> binder_link("https://binder.example.org", "https://git.example.edu/nqpkit")
    'https://binder.example.org/v2/git/https%3A%2F%2Fgit.example.edu%2Fnqpkit/main?urlpath=lab'
    """
    address = _address(repository, "repository").removesuffix(".git")
    parts = urlsplit(address)
    source = f"gh{parts.path}" if parts.netloc == "github.com" else f"git/{quote(address, safe='')}"
    place = PurePosixPath("lab/tree") / _inside(open_file) if open_file else "lab"
    return f"{_address(binder, 'binder')}/v2/{source}/{quote(branch, safe='')}?{urlencode({'urlpath': str(place)})}"


def _address(text: str, name: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc or " " in text.strip():
        raise InputError(f"'{text}' is no address for {name}; write it with https:// at its beginning.")
    return text.strip().rstrip("/")


def _inside(path: str) -> PurePosixPath:
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts:
        raise InputError(f"'{path}' must be a path inside the repository.")
    return place
