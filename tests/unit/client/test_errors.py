"""What a refusal says."""

import pytest

from kibitz.client.errors import ClientError, Refused
from kibitz.domain.errors import CODES


@pytest.mark.parametrize(("code", "number"), [(code, number) for code, (number, _) in CODES.items()])
def test_what_passes_are_the_refusals_of_the_four_hundreds(code: str, number: int) -> None:
    assert Refused(code, number, "No.").passes == (code in {"rate_limited", "busy", "unavailable", "too_slow"})


def test_a_refusal_shows_the_servers_own_sentence() -> None:
    refused = Refused("rate_limited", 400, "Too fast.", 1.5)
    assert str(refused) == "Too fast."
    assert refused.retry_after == 1.5
    assert isinstance(refused, ClientError)
