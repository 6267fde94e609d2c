"""A prompt is spoken into the page: the browser's microphone is heard in the calls from then on."""

from __future__ import annotations

from prompts.mixing import measure
from tests.browser.conftest import Browse, Site, sign_in
from tests.contract.browser import Tab

PHONE = (360, 740)
FORM = "document.querySelector('form.taking')"


def opened(tab: Tab) -> None:
    tab.resize(*PHONE)
    sign_in(tab, "operator")
    tab.run("document.querySelector('details').open = true")
    assert tab.run("document.querySelector('.speak').hidden") is False


def test_a_prompt_is_spoken_into_the_page(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/prompts/en/goodbye.thanks") as tab:
        opened(tab)
        tab.click(".speak .start")
        tab.until("document.querySelector('.told').innerText.includes('2 s')")
        tab.click(".speak .stop")
        tab.until("document.querySelector('.told').innerText.includes('were recorded')")
        assert tab.run(f"{FORM}.querySelector('[type=file]').files[0].name") == "spoken.wav"
        tab.click(".speak .hear")
        tab.run(f"{FORM}.querySelector('[name=by]').value = 'Head teacher'")
        tab.click("form.taking button.main")
        tab.until("document.querySelector('.facts') && document.readyState === 'complete'")
        assert "Head teacher" in tab.text(".facts")
        assert "Now said by Head teacher" in tab.text(".note")
    with site.opened_studio() as studio:
        (kept,) = studio.recorded.all()
        figures = measure(studio.store.read(kept.clip))
        assert (kept.prompt_id, figures.seconds > 0.5) == ("goodbye.thanks", True)
        studio.unrecord_prompt("goodbye.thanks", "en")


def test_speaking_once_more_replaces_what_was_spoken(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/prompts/names") as tab:
        opened(tab)
        sizes = []
        for seconds in ("1 s", "2 s"):
            tab.click(".speak .start")
            tab.until(f"document.querySelector('.told').innerText.includes('… {seconds}')")
            tab.click(".speak .stop")
            tab.until("document.querySelector('.told').innerText.includes('were recorded')")
            sizes.append(tab.run(f"{FORM}.querySelector('[type=file]').files[0].size"))
        assert sizes[0] < sizes[1]
        assert tab.run(f"{FORM}.querySelector('[type=file]').files.length") == 1


def test_an_answer_is_spoken_into_the_field_of_its_language(browse: Browse, site: Site) -> None:
    field = "document.querySelector('[name=sound-pa]').closest('.sound')"
    with browse(f"{site.url}/sign-in?next=/leader/answers") as tab:
        sign_in(tab, "leader")
        tab.run(f"{field}.querySelector('.start').click()")
        tab.until(f"{field}.querySelector('.told').innerText.includes('1 s')")
        tab.run(f"{field}.querySelector('.stop').click()")
        tab.until(f"{field}.querySelector('.told').innerText.includes('were recorded')")
        assert tab.run("[...document.querySelectorAll('[type=file]')].filter(one => one.files.length).length") == 1
        assert tab.run("document.querySelector('[name=sound-pa]').files[0].name") == "spoken.wav"


def test_no_other_page_may_ask_for_the_microphone(browse: Browse, site: Site) -> None:
    with browse(f"{site.url}/sign-in?next=/prompts/") as tab:
        sign_in(tab, "operator")
        asked = "navigator.mediaDevices.getUserMedia({audio: true}).then(() => 'heard', error => error.name)"
        assert tab.run(asked) == "NotAllowedError"
