"""The demo in a browser whose camera shows a real person, and real films handed in."""

import time

import driver
import pytest

pytest.importorskip("starlette", reason="the demo's extra is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not driver.CHROMIUM, reason="no chromium here (apt install chromium)")


@pytest.fixture(scope="module")
def films(real_data):
    return sorted((real_data / "ravdess" / "video" / "Actor_01").glob("01-01-*.mp4"))


@pytest.fixture(scope="module")
def page(films, tmp_path_factory):
    """The demo's page in a browser whose camera and microphone play the first film."""
    uploads, devices = tmp_path_factory.mktemp("uploads"), tmp_path_factory.mktemp("devices")
    with (
        driver.served(uploads) as address,
        sync_api.sync_playwright() as playwright,
        driver.chromium(playwright, films[0], devices) as browser,
    ):
        yield driver.opened(browser.new_context(), address)


def test_a_real_face_is_boxed_and_a_real_voice_is_heard(page):
    driver.start(page)
    driver.hear(page)
    seen = []
    for _ in range(12):
        seen.append(tuple(driver.bars(page).values()))
        time.sleep(0.4)
    assert len(set(seen)) > 3 and not page.errors
    x, y, width, height = driver.box(page)
    assert 240 < x + width / 2 < 400 and 120 < y + height / 2 < 300 and 120 < width < 320


def test_real_films_get_a_timeline_of_both(page, films):
    driver.files(page)
    for film in films:
        answer = driver.hand_in(page, film)
        assert film.name in answer and "No sound" not in answer and "No pictures" not in answer
        told = page.locator(".timeline").get_attribute("aria-label")
        assert "face: on average" in told and "voice: on average" in told and "fused: on average" in told
    assert not page.errors
