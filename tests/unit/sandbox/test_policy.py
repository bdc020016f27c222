"""The limits: the same in every place that speaks of them, and below what the machine has."""

import os

from kibitz.domain.coding import MAX_CODE_BYTES, MAX_INPUT_BYTES
from kibitz.sandbox.languages import languages
from kibitz.sandbox.policy import MAX_INPUT, MAX_SOURCE, Limits, cores


def test_the_server_and_the_sandbox_take_programs_and_inputs_of_the_same_size() -> None:
    assert (MAX_SOURCE, MAX_INPUT) == (MAX_CODE_BYTES, MAX_INPUT_BYTES)


def test_no_language_may_take_more_than_the_policy_says() -> None:
    most = Limits()
    for language in languages().values():
        for stage in language.stages:
            limits = stage.limits
            assert limits.seconds <= most.seconds
            assert limits.memory <= most.memory
            assert limits.processes <= most.processes
            assert limits.descriptors <= most.descriptors
            assert limits.disk <= most.disk
            assert limits.files <= most.files


def test_runs_go_on_only_on_cores_that_this_process_may_use() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
