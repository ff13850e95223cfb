"""A headless Chromium, driven by its DevTools protocol: open a page at a width, say what it complains of and shows."""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0")
HEIGHT = 900

# A scroll bar of an element is fine; the page itself may not be wider than the window. Shapes within an svg have none.
MEASURE = """(() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const title = e => e.querySelector(':scope > title')?.textContent;
  const name = e => e.getAttribute('alt') || e.getAttribute('aria-label') || title(e);
  const pictures = all('img, svg, canvas, video').filter(e => !e.closest('[aria-hidden=true]'));
  return {
    width: document.documentElement.scrollWidth,
    pictures: pictures.length,
    broken: [...document.images].filter(e => !(e.complete && e.naturalWidth > 0)).length,
    unnamed: pictures.filter(e => !(name(e) || '').trim()).map(e => e.outerHTML.slice(0, 80)),
    smallest: Math.min(...all('p, td, th, li, h2').map(e => parseFloat(getComputedStyle(e).fontSize))),
  };
})()"""


@dataclass(frozen=True)
class Seen:
    """What a page shows at one width.

    Attributes:
        complaints: Errors of the console, of scripts and of requests.
        width: Width of the page's content, pixels.
        pictures: Number of pictures.
        broken: Number of pictures that hold nothing.
        unnamed: Pictures without a text alternative.
        smallest: Smallest font of text, pixels.
    """

    complaints: tuple[str, ...]
    width: float
    pictures: int
    broken: int
    unnamed: tuple[str, ...]
    smallest: float


def find_browser() -> str | None:
    """Return the path of a Chromium, None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def look(browser: str, page: Path, widths: tuple[int, ...]) -> dict[int, Seen]:
    """Open a page at several widths of the window, pixels; phones' are emulated as such."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [browser, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = _address(Path(profile), process)
            return asyncio.run(_look(address, page.resolve().as_uri(), widths))
        finally:
            process.terminate()
            process.wait(30)


def _address(profile: Path, process: "subprocess.Popen[bytes]") -> str:
    """Return the address of the browser's socket, which it writes into its profile when it is ready."""
    port = profile / "DevToolsActivePort"
    for _ in range(300):
        if port.exists() and len(lines := port.read_text().split()) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        if process.poll() is not None:
            raise RuntimeError(f"the browser ended at once, exit status {process.returncode}")
        time.sleep(0.1)
    raise RuntimeError("the browser did not start within 30 s")


async def _look(address: str, page: str, widths: tuple[int, ...]) -> dict[int, Seen]:
    from tornado.websocket import websocket_connect

    socket = await websocket_connect(address, max_message_size=2**26)
    found = {}
    for width in widths:
        found[width] = await _Tab(socket).visit(page, width)
    socket.close()
    return found


class _Tab:
    """One tab: commands wait for their answer and keep the events that come before it."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._session, self._sent = socket, None, 0
        self._events: list[dict[str, Any]] = []

    async def visit(self, page: str, width: int) -> Seen:
        target = await self._command("Target.createTarget", url="about:blank")
        opened = await self._command("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = opened["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self._command(f"{domain}.enable")
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": width < 600}
        await self._command("Emulation.setDeviceMetricsOverride", **size)
        await self._command("Page.navigate", url=page)
        while not any(e["method"] == "Page.loadEventFired" for e in self._events):
            await self._receive()
        answer = await self._command("Runtime.evaluate", expression=MEASURE, returnByValue=True)
        seen = answer["result"]["value"]
        self._session, session = None, self._session
        await self._command("Target.detachFromTarget", sessionId=session)
        await self._command("Target.closeTarget", targetId=target["targetId"])
        return Seen(
            tuple(c for e in self._events if (c := _complaint(e))),
            seen["width"],
            seen["pictures"],
            seen["broken"],
            tuple(seen["unnamed"]),
            seen["smallest"],
        )

    async def _command(self, method: str, **words: Any) -> dict[str, Any]:
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": words}
        if self._session:
            message["sessionId"] = self._session
        await self._socket.write_message(json.dumps(message))
        while True:
            answer = await self._receive()
            if answer.get("id") == self._sent:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    async def _receive(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self._socket.read_message(), 60)
        if text is None:
            raise RuntimeError("the browser closed the connection")
        answer = json.loads(text)
        if "method" in answer:
            self._events.append(answer)
        return answer


def _complaint(event: dict[str, Any]) -> str | None:
    method, words = event["method"], event["params"]
    if method == "Runtime.exceptionThrown":
        return str(words["exceptionDetails"].get("text"))
    if method == "Runtime.consoleAPICalled" and words["type"] in ("error", "assert", "warning"):
        return " ".join(str(a.get("value", a.get("description"))) for a in words["args"])
    if method == "Log.entryAdded" and words["entry"]["level"] in ("error", "warning"):
        return str(words["entry"]["text"])
    if method == "Network.loadingFailed":
        return f"a request failed: {words['errorText']}"
    return None
