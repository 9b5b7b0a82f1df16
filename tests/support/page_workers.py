"""The workers that a page has started."""

import time


def wait_until_workers_are_gone(page):
    """Wait for the browser's word that no worker is left, which comes a moment after the page's own."""
    end = time.monotonic() + 10
    while page.workers:
        assert time.monotonic() < end, page.workers
        page.wait_for_timeout(20)
