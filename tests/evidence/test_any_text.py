"""Any text gives evidence or a message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7tag.errors import SourceError
from g7tag.frames import FIXED, validate

pytestmark = pytest.mark.nightly

PIECES = [
    "Canada: 0", "Japan: −1", "Narnia: +1", "19. Migration: Smuggling", "7. Energy", "Assessment", "Contents",
    "Average\t+0.50 (75%)", "Canada\t\t0\t", "On 5 July 2024, police seized boats.⁴⁴¹⁴", "On 31 June 2024, they met",
    "Canada has partially complied with its commitment to act.", "Thus, Canada receives a score of 0.",
    "Analysts: Ann Other and Bo Li", "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/x-",
    "⁴⁴¹⁵", "4415 n.d. https://b.it", "https://c.it/lone", "\f", "744", "²", "9" * 400, "(" * 50, "\ufffd\u00ad\u200b",
    "Table B: 2024 G7 Apulia Final Compliance Scores", "Canada France Japan Average", "1. Energy +1 0 n/a 0.50 75%",
    "Table D: Final Compliance Scores by Commitment", "1 Energy +1.00 100%", "2024 G7 Apulia Summit", "“We will act.”",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=40).flatmap(
    lambda pieces: st.sampled_from(["\n", "\n\n", " ", "\t"]).map(lambda between: between.join(pieces))
)


@given(TEXTS, st.data())
@settings(max_examples=150, deadline=None)
def test_any_text_gives_whole_frames_or_a_message(read, text, data):
    text = text.encode("utf-8", "replace").decode("utf-8")
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    hidden = [(start, end, "white") for start, end in zip(places[::2], places[1::2], strict=False) if start < end]
    try:
        evidence = read(text, hidden=hidden)
    except SourceError:
        return
    for name, frame in evidence._asdict().items():
        validate(frame, FIXED[name], source=name)
    assert set(evidence.sentences["item_id"]) <= set(evidence.items["item_id"])
    assert (evidence.sentences["end"] <= len(text)).all()
