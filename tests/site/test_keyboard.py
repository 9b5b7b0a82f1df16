"""A task with each widget, from the Tab key's way in to its way out, and the theme's own buttons, by keyboard alone."""

import pytest
from keyboard_tasks import BEGIN, HAS_FOCUS, PAGE_OF, TASKS, press, tab_to
from table_of_contents import listed
from visits import WIDGETS

from site_checks.book_in_browser import violations


@pytest.mark.parametrize("name", WIDGETS)
def test_a_task_is_done_by_keyboard_alone_and_the_tab_key_leads_out(open_page, name):
    page = open_page("file", PAGE_OF[name])
    widget = page.locator(f'[data-book-widget="{name}"] .bw').first
    widget.evaluate(BEGIN)
    TASKS[name](page, widget)
    widget.evaluate("(one) => one.scrollIntoView()")  # axe takes what the page's head covers for too small
    for scheme in ("light", "dark"):  # much of the widget is there only now
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour between two
        page.wait_for_function(f"document.documentElement.dataset.theme == '{scheme}'")
        found = violations(page, part=f'[data-book-widget="{name}"]')
        assert not found, listed(found)
    press(page, "Escape")
    for key in ("Tab", "Shift+Tab"):  # out at the end; then in again, and out at the beginning
        was_in = widget.evaluate(HAS_FOCUS)  # the task may have ended at the widget's last stop
        for _ in range(150):
            press(page, key)
            is_in = widget.evaluate(HAS_FOCUS)
            was_in |= is_in
            if was_in and not is_in:
                break
        assert not is_in, f"{key} does not lead out"


@pytest.fixture
def phone(open_page):
    viewport = {"width": 390, "height": 800}
    return open_page("file", "chapters/02_import_packages.html", reduced_motion="reduce", viewport=viewport)


def test_the_first_stop_skips_to_the_text(phone):
    press(phone, "Tab")
    link = phone.get_by_role("link", name="Skip to main content")
    box = link.bounding_box()
    assert box["y"] >= 0
    assert box["x"] >= 0
    press(phone, "Enter", "Tab")
    assert phone.locator("main").evaluate(HAS_FOCUS)


@pytest.mark.parametrize(
    ("button", "link"),
    [("Contents of the book", "Step 2: import the data"), ("Contents of this page", "One import after the other")],
)
def test_the_menus_of_a_narrow_page_open_and_close_and_lead_on(phone, button, link):
    opener, menu = phone.get_by_role("button", name=button), phone.get_by_role("dialog", name=button)
    tab_to(phone, opener)
    press(phone, "Enter")
    menu.wait_for()
    assert menu.evaluate(HAS_FOCUS)
    press(phone, "Escape")
    menu.wait_for(state="hidden")
    assert opener.evaluate("(one) => one == document.activeElement")
    press(phone, "Enter")
    target = menu.get_by_role("link", name=link)
    address = target.evaluate("(one) => one.href")
    tab_to(phone, target)
    press(phone, "Enter")
    phone.wait_for_url(address)


def test_a_wide_page_hides_and_shows_its_contents(phone):
    phone.set_viewport_size({"width": 1280, "height": 800})
    contents = phone.get_by_role("navigation", name="Main")
    assert contents.is_visible()
    tab_to(phone, phone.get_by_role("button", name="Contents of the book"))
    press(phone, "Enter")
    contents.wait_for(state="hidden")
    press(phone, "Enter")  # the button has kept the focus
    contents.wait_for()


def test_no_single_key_takes_the_reader_elsewhere(phone):
    press(phone, "/")
    assert phone.evaluate("document.activeElement == document.body")
    press(phone, "ControlOrMeta+k")
    assert phone.get_by_role("dialog", name="Search this book").evaluate(HAS_FOCUS)
