"""The narrative's XHTML, by the quick look and by the XML reader."""

import pytest

from adapter.fhir.structure.narrative import flaw, is_narrative

SOUND = [
    "text",
    "<b>text</b>",
    "<p>a</p><p>b<br/>c<i>d</i></p>",
    '<a href="https://x.example/?q=1#z">text</a>',
    '<table class="grid"><tr><td colspan="2">a</td></tr></table>',
    '<img src="a.png" alt="x"/> text',
    "a &gt; b, a &amp; b, a&nbsp;b",
    "a > b",
    "å ä ö",
]
FLAWED = {
    "": "empty",
    " \n ": "empty",
    "<b> </b>": "empty",
    "<b>text": "form",
    "<b>text</i>": "form",
    "text</b>": "form",
    "<b><i>text</b></i>": "form",
    "a < b": "form",
    "a & b": "form",
    "a ]]> b": "form",
    '<b class="a" class="b">text</b>': "form",
    "<b class=a>text</b>": "form",
    "<!DOCTYPE x>text": "form",
    "<?x y?>text": "form",
    "&unknown;text": "form",
    '<b xmlns="https://x.example">text</b>': "form",
    "<script>text</script>": "active",
    "<form>text</form>": "active",
    "<iframe>text</iframe>": "active",
    '<b onclick="x">text</b>': "active",
    '<a href="javascript:x">text</a>': "active",
    '<a href=" java&#10;script:x">text</a>': "active",
}


def div_of(inner: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'


@pytest.mark.parametrize("inner", SOUND)
def test_text_and_plain_markup_are_sound(inner: str) -> None:
    texts: list[str] = []

    assert is_narrative(div_of(inner), texts)
    assert flaw(div_of(inner)) == ""
    assert all(text.strip() for text in texts)


@pytest.mark.parametrize("inner", FLAWED)
def test_a_flaw_is_named_and_never_passed(inner: str) -> None:
    texts: list[str] = []

    passed = is_narrative(div_of(inner), texts)

    assert flaw(div_of(inner)) == FLAWED[inner]
    assert not (passed and all(text.strip() for text in texts))


@pytest.mark.parametrize(
    "div",
    [
        "text",
        "<div>text</div>",
        "<p xmlns='http://www.w3.org/1999/xhtml'>text</p>",
        div_of("a") + div_of("b"),
        "",
    ],
)
def test_what_is_no_div_of_xhtml_is_a_flaw_of_form(div: str) -> None:
    assert flaw(div) == "form"
    assert not is_narrative(div, [])


def test_an_image_alone_is_content() -> None:
    assert flaw(div_of('<img src="a.png" alt="x"/>')) == ""
