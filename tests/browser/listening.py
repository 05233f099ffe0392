"""What does a page have listening? What is swapped away all night must leave nothing behind."""

from __future__ import annotations

from telephone import Telephone

_COUNT = """(function () {
    const counts = {};
    [window, document].forEach(function (one) {
        Object.entries(getEventListeners(one)).forEach(function (entry) {
            counts[entry[0]] = (counts[entry[0]] || 0) + entry[1].length;
        });
    });
    return counts;
})()"""


def listeners(screen: Telephone) -> dict[str, int]:
    """How many functions listen to a page's window and document, by event."""
    asked = {"expression": _COUNT, "includeCommandLineAPI": True, "returnByValue": True}
    answer = screen.browser.execute_cdp_cmd("Runtime.evaluate", asked)
    counts: dict[str, int] = answer["result"]["value"]
    return counts


def swap(screen: Telephone, css: str) -> None:
    """Put a fresh copy in the place of each such element, as htmx does with newer figures."""
    script = """
        document.querySelectorAll(arguments[0]).forEach(function (old) {
            const fresh = old.cloneNode(false);
            fresh.removeAttribute("data-drawn");
            old.replaceWith(fresh);
        });
        document.dispatchEvent(new CustomEvent("htmx:sseMessage"));
    """
    screen.browser.execute_script(script, css)
