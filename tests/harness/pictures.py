"""Takes the pictures of the READMEs from a demo of its own: `make pictures` writes docs/pictures/*.png.

In both languages: the declare page with a kind and a place chosen, the room of a fire that has just been declared and its building (residents are
told of a fire at any hour), and an engineer's telephone with the alert's page open.
"""

import asyncio
import os
import re
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from yarl import URL

from tests.harness.processes import ROOT, free_port

FOLDER = ROOT / "docs" / "pictures"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
MOST_BYTES = 250_000
"""A README has to open on a bad line too."""
HANDSETS_SECONDS = 12
"""So long the demo's handsets take to say that they have a message."""
DESK: ViewportSize = {"width": 1280, "height": 860}
WHOLE: ViewportSize = {"width": 760, "height": 3600}
"""All of the page at once, so that its head stands above the part that is shown."""
PHONE: ViewportSize = {"width": 390, "height": 760}


@asynccontextmanager
async def running_demo(folder: Path) -> AsyncIterator[str]:
    """A demo on a free port, with data of its own; what it said when it was ready."""
    own = {"TOCSIN_DATA_DIR": str(folder), "LANG": "en_US.UTF-8", "PYTHONUNBUFFERED": "1"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "LC_"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin", "demo", "--port", str(free_port()), cwd=ROOT, env={**clean, **own}, stdout=PIPE
    )
    try:
        yield await asyncio.wait_for(_until_ready(process), 180)
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 40)


async def _until_ready(process: Process) -> str:
    assert process.stdout is not None
    said = ""
    while "demo-reset" not in said:
        line = await process.stdout.readline()
        if not line:
            raise RuntimeError(said)
        said += line.decode()
    return said


async def log_in(browser: Browser, link: str) -> dict[str, str]:
    """The cookies, by name, of a browser in which the link was followed."""
    page = await browser.new_page()
    await page.goto(link)
    await page.get_by_role("main").get_by_role("button").click()
    await page.wait_for_url(re.compile(r"/$"))
    return {one.get("name", ""): one.get("value", "") for one in await page.context.cookies()}


async def open_page(browser: Browser, url: str, language: str, cookies: dict[str, str], size: ViewportSize) -> Page:
    """The page in this language, as a browser of this size shows it."""
    context = await browser.new_context(viewport=size, device_scale_factor=1, color_scheme="light", reduced_motion="reduce")
    chosen = {**cookies, "tocsin_language": language}
    await context.add_cookies([{"name": name, "value": value, "url": str(URL(url).origin())} for name, value in chosen.items()])
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_load_state("networkidle" if "/a/" in url else "load")
    return page


async def take(page: Page, name: str, language: str, *, part: str = "") -> None:
    """Keep what the page, or this part of it, shows; raises where the picture is too large."""
    line = page.locator("#line")
    if await line.count():
        await expect(line).to_have_text(await line.get_attribute("data-live") or "", timeout=20_000)  # the page hears what happens
    shown = page.locator(part) if part else page
    picture = await shown.screenshot(animations="disabled", caret="hide")
    if len(picture) > MOST_BYTES:
        raise ValueError(f"{name} in {language} has {len(picture)} bytes, more than {MOST_BYTES}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.{language}.png").write_bytes(picture)
    print(f"docs/pictures/{name}.{language}.png  {len(picture) // 1024} kB")


async def declare_fire(browser: Browser, address: str, cookies: dict[str, str]) -> str:
    """A kitchen burns in building 3: the address of its room, once everybody who is to be told was, and some have answered."""
    page = await open_page(browser, f"{address}/declare?kind=fire&q=3", "en", cookies, DESK)
    await page.locator("#go").click()
    await page.wait_for_url(re.compile(r"/(i|declare)/\d+"))
    room = f"{address}/i/{page.url.rstrip('/').rpartition('/')[2].partition('?')[0]}"
    await page.goto(room)
    await expect(page.locator("#elevation")).to_be_visible(timeout=30_000)
    await asyncio.sleep(HANDSETS_SECONDS)
    return room


async def main() -> None:
    """Start a demo, look at it in both languages, and stop it."""
    with tempfile.TemporaryDirectory(prefix="tocsin-pictures-") as folder:
        Path(folder).chmod(0o755)
        async with running_demo(Path(folder)) as said, async_playwright() as playwright:
            address, clerk, engineer = (re.findall(r"http://\S+", said)[number] for number in (0, 2, 3))
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--font-render-hinting=none"])
            cookies = await log_in(browser, clerk)
            wall = await (await browser.new_page()).goto(f"{address}/demo/phones")
            assert wall is not None and engineer
            answers = re.findall(r"http://[^\s\"<]+/a/[\w-]+", await wall.text())
            fire = await declare_fire(browser, address, cookies)
            for language in ("zh-CN", "en"):
                await take(await open_page(browser, fire, language, cookies, DESK), "room", language)
                await take(await open_page(browser, fire, language, cookies, WHOLE), "building", language, part="#elevation")
                declaring = f"{address}/declare?kind=elevator_entrapment&q=3.2"
                await take(await open_page(browser, declaring, language, cookies, DESK), "declare", language)
                await take(await open_page(browser, answers[-1], language, cookies, PHONE), "phone", language)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
