"""What becomes of an update before it touches a document.

Rule: the engine is given an update only when everything it builds on is there. So a document never waits for missing pieces, each of
its states can be stored and loaded again whole, and what was told to the others is what was stored.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto

from kibitz.wire.yjs.update import Need, Section, Side, Span, Survey, clocks_of


class Verdict(Enum):
    """What becomes of an update.

    READY to be applied; AHEAD of something that has not come; SPLIT: it cuts a character in two halves; LARGE: with it the document
    would become too large; UNSOUND: the engine does not take it.
    """

    READY = auto()
    AHEAD = auto()
    SPLIT = auto()
    LARGE = auto()
    UNSOUND = auto()


class Known:
    """The clocks a document knows, and the characters in it that are two units in UTF-16.

    yrs drops both halves of a character that an edit cuts, and counts one unit less than Yjs does, after which every later edit lands
    in the wrong place. No editor that moves by characters makes such an edit; a difference made of UTF-16 units can.
    """

    def __init__(self, state: bytes, halves: Iterable[tuple[int, int]] = ()) -> None:
        self.clocks = clocks_of(state)
        self._halves = set(halves)

    def judge(self, survey: Survey) -> Verdict:
        """Whether an update may be applied now."""
        if not self._is_ready(survey):
            return Verdict.AHEAD
        if self._halves or survey.halves:
            halves = self._halves.union(survey.halves)
            if any(half in halves for half in self._cuts(survey)):
                return Verdict.SPLIT
        return Verdict.READY

    def note(self, survey: Survey) -> None:
        """This update was applied."""
        for section in survey.sections:
            after = section.runs[-1].after
            if after > self.clocks.get(section.client, 0):
                self.clocks[section.client] = after
        self._halves.update(survey.halves)

    def has(self, survey: Survey) -> bool:
        """Whether all structs of an update are known."""
        return all(section.runs[-1].after <= self.clocks.get(section.client, 0) for section in survey.sections)

    def _is_ready(self, survey: Survey) -> bool:
        clocks, ends = self.clocks, {}
        for section in survey.sections:
            reached = clocks.get(section.client, 0)
            for _, first, after in section.runs:
                if first > reached:
                    return False
                reached = max(reached, after)
            ends[section.client] = reached
        for client, _, after in survey.deletes:
            if after > ends.get(client, 0) and after > clocks.get(client, 0):
                return False
        return _can_be_taken(survey.sections, clocks, ends)

    def _cuts(self, survey: Survey) -> Iterator[tuple[int, int]]:
        """The ids of units after which this update would part what was together."""
        for section in survey.sections:
            yield section.client, self.clocks.get(section.client, 0) - 1
            for _, client, clock, side in section.needs:
                if side is not Side.PARENT:
                    yield client, clock - (side is Side.RIGHT)
        for client, first, after in survey.deletes:
            yield client, first - 1
            yield client, after - 1


def covers(deleted: Iterable[Span], asked: Iterable[Span]) -> bool:
    """Whether everything that is asked to be deleted is deleted."""
    spans: dict[int, list[Span]] = defaultdict(list)
    for span in sorted(deleted):
        before = spans[span.client]
        if before and before[-1].after >= span.first:
            before[-1] = Span(span.client, before[-1].first, max(before[-1].after, span.after))
        else:
            before.append(span)
    return all(
        any(one.first <= first and after <= one.after for one in spans[client]) for client, first, after in asked
    )


def _can_be_taken(sections: list[Section], clocks: Mapping[int, int], ends: Mapping[int, int]) -> bool:
    """Whether all of these structs can be taken in an order in which none refers to a later one."""
    among_themselves = False
    for section in sections:
        for _, client, clock, _ in section.needs:
            if clock >= clocks.get(client, 0) and client != section.client:
                if clock >= ends.get(client, 0):
                    return False
                among_themselves = True
    return not among_themselves or _Order(sections, clocks, ends).exists()


class _Order:
    """Takes each client's structs as far as they go, and turns to another client's when one of those is needed first."""

    def __init__(self, sections: list[Section], clocks: Mapping[int, int], ends: Mapping[int, int]) -> None:
        self._clocks = clocks
        self._ends = ends
        self._left = {section.client: section.needs[::-1] for section in sections}
        self._reached: dict[int, int] = {}  # up to which clock a client's structs have been taken

    def exists(self) -> bool:
        return all(self._take(client) for client in self._left)

    def _take(self, client: int) -> bool:
        stack, within = [client], {client}  # each waits for the next
        while stack:
            blocked = self._go_on(stack[-1])
            if blocked is None or (len(stack) > 1 and self._is_met(stack[-2], self._left[stack[-2]][-1])):
                within.remove(stack.pop())
            elif blocked.client in within:
                return False  # they wait for each other
            else:
                stack.append(blocked.client)
                within.add(blocked.client)
        return True

    def _go_on(self, client: int) -> Need | None:
        """Take a client's structs up to the first that needs what is not taken yet."""
        left = self._left[client]
        while left and self._is_met(client, left[-1]):
            left.pop()
        self._reached[client] = left[-1].at if left else self._ends[client]
        return left[-1] if left else None

    def _is_met(self, client: int, need: Need) -> bool:
        known = need.clock < self._clocks.get(need.client, 0) or need.client == client
        return known or need.clock < self._reached.get(need.client, 0)
