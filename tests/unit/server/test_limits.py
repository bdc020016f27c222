"""What the operating system lets a server hold open."""

import resource

import pytest

from kibitz.server import limits


@pytest.fixture(autouse=True)
def _limits_as_they_were() -> object:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_limit_of_open_files_is_raised_as_far_as_it_may_be() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    raised = limits.raise_open_files()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert raised == soft
    assert hard in (soft, resource.RLIM_INFINITY)


@pytest.mark.parametrize(
    ("wanted", "open_files", "fit"),
    [(10_000, 1024, 768), (500, 1024, 500), (10_000, None, 10_000), (10_000, 100, 1)],
)
def test_no_more_places_are_promised_than_there_are_open_files(wanted: int, open_files: int | None, fit: int) -> None:
    assert limits.places(wanted, open_files) == fit
