"""Results with any text at all in each field, for reports that must stay well formed."""

from __future__ import annotations

from hypothesis import strategies as st

from harness.verdict import Verdict
from harness.verdict.failure import Failure, Figure, Kind, KnownDeviation, Limit, SeenFrame
from harness.verdict.result import Attachment, Attempt, Measurement, Result

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@st.composite
def failures(draw: st.DrawFn) -> Failure:
    """One with any text at all."""
    frame = st.builds(SeenFrame, st.floats(-9, 9), ANY_TEXT, ANY_TEXT)
    limit = st.builds(Limit, ANY_TEXT, st.floats(0, 9), st.floats(-1, 1), st.floats(0, 1))
    return Failure(
        row=draw(ANY_TEXT),
        clause=draw(ANY_TEXT),
        expected=draw(ANY_TEXT),
        seen=draw(ANY_TEXT),
        kind=draw(st.sampled_from(Kind)),
        limit=draw(st.none() | limit),
        frames=tuple(draw(st.lists(frame, max_size=2))),
        left_out=draw(st.integers(0, 3)),
        origin=draw(ANY_TEXT),
        figure=draw(st.none() | st.builds(Figure, st.floats(-9, 9), ANY_TEXT, st.none(), st.floats(0, 1))),
        doubt=draw(ANY_TEXT),
        known=draw(st.none() | st.builds(KnownDeviation, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)),
        expired=draw(st.booleans()),
    )


def attempts() -> st.SearchStrategy[Attempt]:
    """An attempt with any text at all."""
    told = st.lists(failures(), max_size=1).map(tuple)
    return st.builds(
        Attempt, st.sampled_from(Verdict), ANY_TEXT, ANY_TEXT, st.floats(0, 9), st.booleans(), told
    )


@st.composite
def results(draw: st.DrawFn) -> Result:
    """A result with any text at all, lone surrogates and control characters among it."""
    rows = draw(st.lists(ANY_TEXT, max_size=3))
    return Result(
        nodeid=draw(ANY_TEXT),
        rows=rows,
        clause=draw(ANY_TEXT),
        title=draw(ANY_TEXT),
        verdict=draw(st.sampled_from(Verdict)),
        seconds=draw(st.floats(0, 1e6)),
        bench=draw(ANY_TEXT),
        cause=draw(ANY_TEXT),
        failures=draw(st.lists(failures(), max_size=2)),
        judged={row: draw(st.sampled_from(Verdict)) for row in rows},
        details=draw(ANY_TEXT),
        notes=draw(st.lists(ANY_TEXT, max_size=2)),
        measurements=[Measurement(draw(ANY_TEXT), draw(st.floats(-1e9, 1e9)), draw(ANY_TEXT), upper=1.0)],
        properties={draw(ANY_TEXT): draw(ANY_TEXT)},
        attachments=[Attachment(draw(ANY_TEXT), draw(ANY_TEXT))],
        attempts=draw(st.lists(attempts(), max_size=2)),
        shown_by=draw(st.lists(ANY_TEXT, max_size=2)),
    )
