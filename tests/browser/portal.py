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

    def link(self, page: str, purpose: str, number: str, good_for_seconds: int = 3600) -> str:
        """A link to a page of an order, as it would come by mail; one that has expired, if it was good for less than nothing."""
        claim = f"{int(time.time()) + good_for_seconds}/0/{SHOP}/{number}".encode()
        signature = hmac.new(self.secrets["links"].encode(), f"customer-{purpose}\n".encode() + claim, "sha256").hexdigest()
        return f"{self.api}/{page}/{base64.urlsafe_b64encode(claim).decode().rstrip('=')}.{signature}"

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
        page.goto(stack.link("track", "track", number))
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

    refuse_photos = refuse_photos_by_script if scripts else refuse_photos_in_frame
    refuse_photos(page, name)
    for number, file in enumerate(("progressive.jpg", "palette.png"), 1):
        send_photo(page, PHOTOS / file)
        if not scripts:
            page.frame_locator("main iframe").get_by_role("link").click()
        expect(page.locator(".taken li")).to_have_count(number)
    assert not page.locator(".wrong:visible").count()
    looked(page, f"{name}-4-taken", scripts)
    page.locator(f"form[action='{found[1]}/photos'] button").click()
    assert page.url.endswith(f"/order/returns/{found[1]}"), page.url
    assert not page.locator("input[type=file]").count(), "it is decided"
    looked(page, f"{name}-5-decided", scripts)
    return found[1]


def send_photo(page: Page, file: dict[str, Any] | Path) -> None:
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form[enctype] button").click()


# What a customer may pick by mistake: a text that calls itself a photo, one that only begins like a photo, one that is too big.
TEXT = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": (PHOTOS / "text.txt").read_bytes()}
BROKEN = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": (PHOTOS / "plain.jpg").read_bytes()[:300]}
BIG = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + bytes(PHOTO_BYTES_MAX)}


def refuse_photos_by_script(page: Page, name: str) -> None:
    """What can't be a photo, or is too big, is told of beside its field and sent to nobody; in each language."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    assert page.locator("main iframe:visible").count() == 0, "the frame is for those without scripts"
    field = page.locator("input[type=file]")
    asked = page.url
    says = {
        "en": ("This is no photo", "bigger than 10 MB"), "fr": ("pas une photo", "dépasse 10 Mo"),
        "zh": ("这不是照片", "超过 10 MB"), "de": ("kein Foto", "größer als 10 MB"),
    }
    for language, (wrong_kind, too_big) in says.items():
        page.goto(f"{asked}?language={language}")
        for file, words in ((TEXT, wrong_kind), (BIG, too_big)):
            field.set_input_files(file)
            expect(page.locator(".wrong")).to_contain_text(words)
            send_photo(page, file)
            expect(field).to_be_focused()
            assert field.get_attribute("aria-invalid") == "true"
            described = (field.get_attribute("aria-describedby") or "").split()
            assert words in page.locator(f"#{described[-1]}").inner_text(), "it is explained at the field"
            look(page, f"{name}-2-{'wrong-kind' if file is TEXT else 'too-big'}-{language}")
    assert not sent, f"nothing was to be sent: {sent}"
    # What only the server can tell.
    send_photo(page, BROKEN)
    expect(page.locator(".wrong")).to_contain_text("lässt sich nicht lesen")
    look(page, f"{name}-3-broken")


def refuse_photos_in_frame(page: Page, name: str) -> None:
    """Without scripts the answer shows in a frame, S3's own as well; the words that explain it stay beside it."""
    asked, frame = page.url, page.frame_locator("main iframe")
    send_photo(page, TEXT)
    expect(frame.locator(".wrong")).to_contain_text("This is no photo")
    assert page.context.browser
    framed = visitor(page.context.browser, "en-GB", PHONE)
    framed.set_content(page.frames[-1].content())
    look(framed, f"{name}-2-framed")
    page.screenshot(path=SCREENS / f"{name}-2-wrong-kind.png", full_page=True)
    send_photo(page, BIG)
    expect(frame.get_by_text("EntityTooLarge").first).to_be_visible()
    assert page.url == asked, "the customer is where they were"
    described = page.locator("main iframe").get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("choose a smaller photo above")
    page.screenshot(path=SCREENS / f"{name}-3-too-big.png", full_page=True)


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
    expired = [stack.link(there, purpose, number, -60) for there, purpose in (("returns", "return"), ("track", "track"))]
    for link in (f"{stack.api}/returns/Zm9yZ2Vk.00", *expired):
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")
    for _ in range(6):
        page.goto(f"{stack.api}/returns")
        page.locator("#order").fill("4711")
        page.locator("#proof").fill("someone@example.com")
        page.locator("main button").click()
    expect(page.locator(".alert")).to_contain_text("trop de tentatives")
    look(page, "refused-too-often")
    assert len(stack.mailed_links()) == before, "a guess was mailed a link"


if __name__ == "__main__":
    sys.exit(main())
