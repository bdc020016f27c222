"""What keys do to lines, as tables: text before, what is selected, text after."""

import pytest

from kibitz.desktop.presenters import indenting
from kibitz.desktop.presenters.indenting import Edit, matching, step


def done(text: str, edit: Edit) -> str:
    """The text after an edit, with what is selected in it between < and >."""
    for at, removed, added in edit.changes:
        text = text[:at] + added + text[at + removed :]
    first, last = sorted((edit.anchor, edit.head))
    return f"{text[:first]}<{text[first:last]}>{text[last:]}"


def of(shown: str) -> tuple[str, int, int]:
    """A text and what is selected in it."""
    before, _, rest = shown.partition("<")
    chosen, _, after = rest.partition(">")
    return before + chosen + after, len(before), len(before) + len(chosen)


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("python", "if x:<>", "if x:\n    <>"),
        ("python", "    y = 1<>", "    y = 1\n    <>"),
        ("c", "label:<>", "label:\n<>"),
        ("c", "int main() {<>}", "int main() {\n    <>\n}"),
        ("javascript", "f(<>", "f(\n  <>"),
        ("python", "a<bc>d", "a\n<>d"),
        ("python", "\tdef f():<>", "\tdef f():\n\t\t<>"),
    ],
)
def test_return_goes_on_where_the_line_was(language: str, before: str, after: str) -> None:
    text, start, end = of(before)
    assert done(text, indenting.new_line(text, start, end, language)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<>x", "    <>x"),
        ("ab<>", "ab  <>"),
        ("<a\nb>", "    <a\n    b>"),
        ("x<a\n\nb\n>c", "    x<a\n\n    b\n>c"),
        ("é<>", "é   <>"),
    ],
)
def test_tab_goes_to_the_next_step_or_indents_what_is_selected(before: str, after: str) -> None:
    text, start, end = of(before)
    assert done(text, indenting.tab(text, start, end, "python")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("      a<>", "  a<>"),
        ("<  a\n    b>", "<a\n  b>"),
        ("\t<a>", "<a>"),
        ("<>a", "<>a"),
    ],
)
def test_shift_tab_comes_out_by_a_step(before: str, after: str) -> None:
    text, start, end = of(before)
    assert done(text, indenting.back_tab(text, start, end, "python")) == after


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("python", "a<>", "# a<>"),
        ("python", "# a<>", "a<>"),
        ("cpp", "<  a\n\n    b>", "<  // a\n\n  //   b>"),
        ("cpp", "<  // a\n  //   b>", "<  a\n    b>"),
        ("python", "<# a\nb>", "# <# a\n# b>"),
    ],
)
def test_lines_are_commented_out_and_back_in(language: str, before: str, after: str) -> None:
    text, start, end = of(before)
    assert done(text, indenting.comment(text, start, end, language)) == after


@pytest.mark.parametrize(
    ("text", "at", "pair"),
    [
        ("f(a[1])", 1, (1, 6)),
        ("f(a[1])", 7, (6, 1)),
        ("f(a[1])", 3, (3, 5)),
        ("((", 0, None),
        ("x", 0, None),
        ("", 0, None),
        (")", 1, None),
    ],
)
def test_the_other_bracket_is_found(text: str, at: int, pair: tuple[int, int] | None) -> None:
    assert matching(text, at) == pair


def test_a_step_is_as_the_text_has_it() -> None:
    assert step("if x:\n  y\n", "python") == "  "
    assert step("if x:\n\ty\n", "python") == "\t"
    assert step("", "javascript") == "  "
    assert step("", "cobol") == "    "
