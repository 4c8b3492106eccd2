"""Customers at a real browser, on the deployed stack that ONWARD_STACK names: a return in two languages, with and without
scripts, one with photos that go straight to S3; what is refused; the tracking page. Pictures of every page go to target/screens, and axe-core may find nothing serious.

Where there is no Chromium it says so, and proves nothing: `apt-get install chromium` brings one.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "target" / "screens"
PHOTOS = ROOT / "fuzz" / "corpus" / "photo"
PHOTO_BYTES_MAX = 10_000_000
SHOP, EMAIL = "onward-direct", "mara.beispiel@example.com"
PATIENCE_SECONDS = 90
PHONE, DESK = 360, 1280


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        print("NOT LOOKED AT: customers' pages in a browser (no Chromium here; `apt-get install chromium` brings one)", file=sys.stderr)
        return 0
    SCREENS.mkdir(parents=True, exist_ok=True)
    stack = Stack()
    number = str(900_000_000 + int(time.time()) % 90_000_000)
    stack.sell_and_ship(number)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        track(browser, stack, number)
        first = send_back(browser, stack, number, "en-GB", PHONE, scripts=False)
        second = send_back(browser, stack, number, "de-DE", DESK, scripts=True)
        third = show_photos(browser, stack, number, "en-GB", PHONE, scripts=False, line=1)
        fourth = show_photos(browser, stack, number, "de-DE", PHONE, scripts=True, line=2)
        see_photos(stack, number)
        refuse(browser, stack, number)
        browser.close()
    assert (first, second, third, fourth) == ("R1", "R2", "R3", "R4"), (first, second, third, fourth)
    print(f"customers' pages: looked at {len(list(SCREENS.glob('*.png')))} pictures, axe-core found nothing serious")
    return 0


class Stack:
    """The deployed stack and the outside world beside it."""

    def __init__(self) -> None:
        described = json.loads(Path(os.environ["ONWARD_STACK"]).read_text())
        self.api, self.endpoint, self.outside = (described[name] for name in ("api", "endpoint", "outside"))
        self.secrets = json.loads((ROOT / "tests" / "local" / "secrets.json").read_text())

    def call(self, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} | (headers or {})
        request = urllib.request.Request(url, data, headers, method="GET" if data is None else "POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def wait(self, what: str, look: Callable[[], Any]) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if seen := look():
                return seen
            time.sleep(0.3)
        raise AssertionError(f"after {PATIENCE_SECONDS} seconds there is still no sign of this: {what}")

    def order(self, number: str) -> Any:
        token = {"authorization": f"Bearer {self.secrets['console']}"}
        return self.call(f"{self.api}/orders/{SHOP}/{number}", headers=token)

    def sell_and_ship(self, number: str) -> None:
        """Four notebooks are bought and have left."""
        lines = [
            {"id": "1", "sku": "ONW-NOTEBOOK", "title": "Notebook <b>“Fjord”</b>", "quantity": 3, "unit_price": "12.90"},
            {"id": "2", "sku": "ONW-NOTEBOOK", "title": "Notebook, dotted", "quantity": 1, "unit_price": "12.90"},
        ]
        sold = [{"line_id": line["id"], "quantity": line["quantity"], "location": 1} for line in lines]
        self.call(f"{self.outside}/_control/shops/{SHOP}/orders", {"order": number, "lines": sold})
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        address = {"name": "Mara Beispiel", "lines": ["Testweg 12"], "city": "Leipzig", "postal_code": "04109", "country": "DE"}
        order = {
            "id": number, "placed_at": now, "updated_at": now, "payment": "paid", "currency": "EUR", "lines": lines,
            "total": "51.60", "customer": {"email": EMAIL}, "addresses": {"shipping": address},
        }
        body = json.dumps(order).encode()
        stamp, key = str(int(time.time())), base64.b64decode(self.secrets[f"shops/{SHOP}"].removeprefix("whsec_"))
        signature = hmac.digest(key, f"msg_{number}.{stamp}.".encode() + body, "sha256")
        signed = {
            "webhook-id": f"msg_{number}", "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64.b64encode(signature).decode(),
        }
        self.call(f"{self.api}/webhooks/onward/{SHOP}", body, signed)
        facts = lambda name: [it["fact"] for it in self.order(number)["facts"] if it["fact"]["type"] == name]
        routed = self.wait("it is routed", lambda: facts("Routed"))[0]["fulfillment_orders"]
        self.wait("it is accepted", lambda: len(facts("Accepted")) >= len(routed))
        for planned in routed:
            reference = f"{SHOP}/{number}/F{planned['fulfillment_order_id']}"
            shipment = {"reference": reference, "carrier": "DHL"}
            self.call(f"{self.outside}/_control/suppliers/{planned['supplier']}/ship", shipment)
        self.wait("it has left", lambda: len(facts("Shipped")) >= len(routed))

    def tracking_link(self, number: str) -> str:
        claim = f"{int(time.time()) + 3600}/0/{SHOP}/{number}".encode()
        signature = hmac.new(self.secrets["links"].encode(), b"customer-track\n" + claim, "sha256").hexdigest()
        return f"{self.api}/track/{base64.urlsafe_b64encode(claim).decode().rstrip('=')}.{signature}"

    def mailed_links(self) -> list[str]:
        mails = json.dumps(self.call(f"{self.endpoint}/_ministack/ses/messages"))
        return re.findall(r"/returns/([A-Za-z0-9_-]+\.[0-9a-f]{64})", mails)


def look(page: Page, name: str) -> None:
    """Takes a picture, and asks axe-core whether anyone is kept out; nothing may stick out sideways either."""
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{name} is {width} pixels too wide"
    found = Axe().run(page).response["violations"]
    serious = [it["id"] for it in found if it["impact"] in ("serious", "critical")]
    assert not serious, f"{name}: {serious}: {json.dumps(found)[:2000]}"


def visitor(browser: Browser, locale: str, width: int, scripts: bool = True) -> Page:
    # A page's own policy stops axe-core, as it should; only this driver may pass it.
    context = browser.new_context(
        locale=locale, viewport={"width": width, "height": 800}, java_script_enabled=scripts, bypass_csp=scripts
    )
    return context.new_page()


def looked(page: Page, name: str, scripts: bool) -> None:
    if scripts:
        look(page, name)
    else:
        page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


def track(browser: Browser, stack: Stack, number: str) -> None:
    """The way of the parcels, on a phone and on a desk; the customer says that they have arrived."""
    for width, locale in ((PHONE, "zh-CN"), (DESK, "en-GB")):
        page = visitor(browser, locale, width)
        page.goto(stack.tracking_link(number))
        look(page, f"track-{locale[:2]}-{width}")
    assert "Mara" not in page.content() and "04109" not in page.content()
    for _ in range(5):
        if not page.get_by_role("button", name="It has arrived").count():
            break
        page.get_by_role("button", name="It has arrived").first.click()
    look(page, "track-arrived")
    page.get_by_role("link", name="Something is wrong").click()
    expect(page.get_by_label("Order number")).to_have_value(number)


def send_back(browser: Browser, stack: Stack, number: str, locale: str, width: int, scripts: bool) -> str:
    """From the order number to the address for the parcel; the return's id."""
    page, name = visitor(browser, locale, width, scripts), f"return-{locale[:2]}-{width}"
    page.goto(f"{stack.api}/returns")
    looked(page, f"{name}-1-ask", scripts)
    before = len(stack.mailed_links())
    page.locator("#order").fill(f"#{number}")
    page.locator("#proof").fill(EMAIL)
    page.locator("main button").click()
    looked(page, f"{name}-2-asked", scripts)
    link = stack.wait("a link by mail", lambda: stack.mailed_links()[before:])[-1]
    page.goto(f"{stack.api}/returns/{link}")
    looked(page, f"{name}-3-open", scripts)
    page.locator("main button").click()
    assert page.url.endswith("/order/returns"), page.url
    looked(page, f"{name}-4-choose", scripts)
    page.locator("select[name='quantity:1']").select_option("1")
    page.locator("#comment").fill("<script>alert(1)</script> too warm")
    page.locator("form button").last.click()
    assert page.locator(".wrong").count() == 1, "a reason is missing"
    assert page.locator("#comment").input_value().startswith("<script>")
    looked(page, f"{name}-5-wrong", scripts)
    page.locator("select[name='reason:1']").select_option("changed_mind")
    page.locator("form button").last.click()
    found = re.search(r"/order/returns/(R\d+)$", page.url)
    assert found, page.url
    looked(page, f"{name}-6-show", scripts)
    return found[1]


def enter(page: Page, stack: Stack, number: str) -> None:
    """From the order number to what can be returned."""
    page.goto(f"{stack.api}/returns")
    before = len(stack.mailed_links())
    page.locator("#order").fill(f"#{number}")
    page.locator("#proof").fill(EMAIL)
    page.locator("main button").click()
    link = stack.wait("a link by mail", lambda: stack.mailed_links()[before:])[-1]
    page.goto(f"{stack.api}/returns/{link}")
    page.locator("main button").click()


def show_photos(browser: Browser, stack: Stack, number: str, locale: str, width: int, scripts: bool, line: int) -> str:
    """Something came damaged: from the request over the photos to the answer; the return's id."""
    page, name = visitor(browser, locale, width, scripts), f"photos-{locale[:2]}-{width}"
    enter(page, stack, number)
    page.locator(f"select[name='quantity:{line}']").select_option("1")
    page.locator(f"select[name='reason:{line}']").select_option("damaged")
    page.locator("form button").last.click()
    found = re.search(r"/order/returns/(R\d+)$", page.url)
    assert found, page.url
    looked(page, f"{name}-1-asked", scripts)

    def send(file: dict[str, Any] | Path) -> None:
        page.locator("input[type=file]").set_input_files(file)
        page.locator("form[enctype] button").click()

    send({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": (PHOTOS / "text.txt").read_bytes()})
    assert f"/order/returns/{found[1]}?" in page.url, page.url
    explained = page.locator("input[type=file]").get_attribute("aria-describedby") or ""
    assert page.locator(f"#{explained.split()[-1]}.wrong").count() == 1, "it is explained beside the field"
    looked(page, f"{name}-2-wrong-kind", scripts)

    send({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + bytes(PHOTO_BYTES_MAX)})
    assert "EntityTooLarge" in page.content(), "S3 refuses it"
    page.go_back()
    hint = page.locator("input[type=file]").get_attribute("aria-describedby") or ""
    assert "10" in page.locator(f"#{hint.split()[0]}").inner_text(), "what is too big is said beside the field"

    send(PHOTOS / "progressive.jpg")
    assert page.locator(".taken li").count() == 1 and not page.locator(".wrong").count()
    send(PHOTOS / "palette.png")
    assert page.locator(".taken li").count() == 2
    looked(page, f"{name}-3-taken", scripts)
    page.locator(f"form[action='{found[1]}/photos'] button").click()
    assert page.url.endswith(f"/order/returns/{found[1]}"), page.url
    assert not page.locator("input[type=file]").count(), "it is decided"
    looked(page, f"{name}-4-decided", scripts)
    return found[1]


def see_photos(stack: Stack, number: str) -> None:
    """An operator sees the photos, by links of their own, and nothing besides what they show."""
    photos = [photo for it in stack.order(number)["returns"] for photo in it["photos"]]
    assert len(photos) == 4, photos
    for photo in photos:
        with urllib.request.urlopen(photo["link"], timeout=60) as answer:
            headers, file = answer.headers, answer.read()
        assert headers["content-disposition"].startswith("attachment") and headers["content-type"] == photo["media_type"]
        assert len(file) == photo["bytes"] and hashlib.sha256(file).hexdigest() == photo["sha256"]
        assert b"Unverkennbar" not in file and b"Geheimratsgasse" not in file
        try:
            urllib.request.urlopen(photo["link"].split("?")[0], timeout=60).close()
        except urllib.error.HTTPError as refused:
            assert refused.code == 403, refused
        else:
            raise AssertionError("anybody can see a photo")


def refuse(browser: Browser, stack: Stack, number: str) -> None:
    """Who knows nothing learns nothing."""
    page = visitor(browser, "fr-FR", PHONE)
    page.goto(f"{stack.api}/returns")
    page.locator("main button").click()
    assert page.locator(".wrong").count() == 2
    look(page, "refused-empty")
    before = len(stack.mailed_links())
    page.locator("#order").fill(number)
    page.locator("#proof").fill("someone@example.com")
    page.locator("main button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Consultez vos e-mails")
    page.goto(f"{stack.api}/returns/{stack.mailed_links()[0]}")
    assert page.locator("main button").count() == 1, "the link has not expired"
    page.locator("main button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")
    look(page, "refused-used-link")
    page.goto(f"{stack.api}/returns/Zm9yZ2Vk.00")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")
    assert len(stack.mailed_links()) == before, "a guess was mailed a link"


if __name__ == "__main__":
    sys.exit(main())
