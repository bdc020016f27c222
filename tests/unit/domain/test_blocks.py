"""Fenced code blocks are found as CommonMark has them, and kept to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.domain.blocks import CodeBlock, blocks_of


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("no code", []),
        ("`inline` only", []),
        ("```py\nprint(1)\n```", [CodeBlock("py", "print(1)\n")]),
        ("~~~\n\tx\n~~~", [CodeBlock("", "\tx\n")]),
        ("```c title=x\nint\n```\nand\n```js\n1\n```", [CodeBlock("c", "int\n"), CodeBlock("js", "1\n")]),
        ("> ```py\n> x\n> ```", [CodeBlock("py", "x\n")]),
        ("- ```py\n  x\n  ```", [CodeBlock("py", "x\n")]),
        ("```py\nnever closed", [CodeBlock("py", "never closed")]),
        ("    indented is no block one can name", []),
    ],
)
def test_blocks_are_found_in_order(text: str, blocks: list[CodeBlock]) -> None:
    assert blocks_of(text) == blocks


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200).filter(lambda text: "`" not in text))
def test_what_stands_in_a_block_is_kept_to_the_letter(code: str) -> None:
    assert blocks_of(f"see\n\n```text\n{code}\n```\n") == [CodeBlock("text", f"{code}\n")]
