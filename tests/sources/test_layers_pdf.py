"""Text in hidden layers of a PDF is hidden, text in visible layers is not."""

import json

import pytest
from raw_pdf import stream, text_at, write_pages

from g7tag.sources import read_documents

pytestmark = pytest.mark.slow

SEEN = text_at("Canada: 0", y=700)
SECRET = text_at("Canada: +1", y=500)
LAYERS = "/OCProperties << /OCGs [40 0 R 41 0 R] /D << {} >> >>"
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
EXTRA = {
    40: "<< /Type /OCG /Name (Notes) >>", 41: "<< /Type /OCG /Name (Text) >>",
    42: "<< /Type /OCMD /OCGs [40 0 R] >>", 43: stream(SECRET, f"{FORM} /OC 40 0 R"),
    44: stream(f"EMC {SECRET}", FORM),
}  # fmt: skip
RESOURCES = "/Properties << /Notes 40 0 R /Text 41 0 R /Both 42 0 R >> /XObject << /Layered 43 0 R /Ends 44 0 R >>"


def hidden_in(folder, content, *, settings="/OFF [40 0 R]"):
    """Return the hidden texts of a page, and the reasons."""
    path = folder / "a.pdf"
    path.write_bytes(
        write_pages(f"{SEEN} {content}", resources=RESOURCES, extra=EXTRA, catalogue=LAYERS.format(settings))
    )
    row = read_documents([path]).documents.iloc[0]
    assert "Canada: +1" in row["text"]
    return [(row["text"][start:end], why) for start, end, why in json.loads(row["hidden"])]


@pytest.mark.parametrize(
    "content",
    [
        f"/OC /Notes BDC {SECRET} EMC", f"/OC /Both BDC {SECRET} EMC", f"/OC /Notes BDC /Span BMC {SECRET} EMC EMC",
        "/Layered Do", "/OC /Notes BDC /Ends Do EMC",
    ],
    ids=["a layer", "a group of layers", "within other content", "a form", "a form that ends more than it began"],
)  # fmt: skip
def test_text_of_a_layer_that_is_switched_off_is_hidden(tmp_path, content):
    why = "covered or clipped" if "Do" in content else "in a hidden layer"
    assert hidden_in(tmp_path, content) == [("Canada: +1", why)]


@pytest.mark.parametrize(
    "content",
    [f"/OC /Text BDC {SECRET} EMC", f"/OC /Notes BDC EMC {SECRET}", f"/OC /None BDC {SECRET} EMC", f"EMC {SECRET}"],
    ids=["another layer", "behind it", "no layer", "an end too many"],
)
def test_other_text_is_seen(tmp_path, content):
    assert hidden_in(tmp_path, content) == []


def test_layers_that_are_off_unless_switched_on_are_hidden(tmp_path):
    content = f"/OC /Notes BDC {SECRET} EMC"
    assert hidden_in(tmp_path, content, settings="/BaseState /OFF /ON [40 0 R]") == []
    assert len(hidden_in(tmp_path, content, settings="/BaseState /OFF /ON [41 0 R]")) == 1


@pytest.mark.parametrize("settings", ["/OFF 40", "/OFF [(a) 7 0 R]", "/BaseState 3"], ids=["number", "odd", "state"])
def test_settings_that_make_no_sense_hide_nothing(tmp_path, settings):
    assert hidden_in(tmp_path, f"/OC /Notes BDC {SECRET} EMC", settings=settings) == []
