"""`avow-messenger` from npm, as a company takes it into its product: packed, installed, imported, bundled, typed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.cast import Cast, Seen, until
from tests.browser.package import Product

PAGE = Path(__file__).parents[2] / "docs/how-to/put-avow-on-your-site.md"
EXAMPLES = {
    kind: text
    for kind, text in re.findall(r"```(jsx?)\n(import .*?)```", PAGE.read_text(), re.DOTALL)
    if "avow-messenger" in text
}

TYPED = """
import Messenger, { Intercom, boot, onReceipt, onTokenRejected, shutdown, trackEvent, update } from "avow-messenger";
import { getVisitorId, whoami } from "avow-messenger";

Messenger({ server: "https://avow.example.com", app_id: "abcd1234", getToken: async () => null, seats: 12 });
Intercom({ server: "https://avow.example.com", region: "eu", user_id: 7, created_at: 1_700_000_000 });
boot({ app_id: "abcd1234", intercom_user_jwt: "a.b.c" });
update();
update({ plan: "pro", trial: null, won_at: new Date() });
declare const her: { id: string; email: string | null; token: string | null } | undefined;
update({ user_id: her?.id, email: her?.email, intercom_user_jwt: her?.token, created_at: new Date(), getToken: null });
trackEvent("invited", { to: "Bob" });
onReceipt(({ attributes }) => attributes.map((line) => `${line.name} ${line.verdict} ${line.reason ?? ""}`));
onTokenRejected(({ code, message }) => console.warn(code, message));
const visitor: string | undefined = getVisitorId();
const proven: boolean = whoami()?.identity_verified ?? false;
export const all = [visitor, proven, shutdown];
// @ts-expect-error without a server nobody knows where to send it
Intercom({ app_id: "abcd1234" });
// @ts-expect-error a token is a text
update({ intercom_user_jwt: 7 });
// @ts-expect-error an event has a name
trackEvent();
// @ts-expect-error a verdict is one of three
onReceipt((receipt) => receipt.attributes[0].verdict === "believed");
"""

RENDERED = """
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Messenger } from "./Messenger.jsx";

const root = createRoot(document.body.appendChild(document.createElement("main")));
window.render = (user) =>
  root.render(<StrictMode><p>{user ? user.id : "nobody"}</p><Messenger user={user} /></StrictMode>);
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A product that has the package."""
    return Product(tmp_path_factory.mktemp("product"))


@pytest.fixture
def imported(cast: Cast, product: Product) -> tuple[Any, Seen]:
    """A page that imports the package as it was published, as `messenger`."""
    cast.site.scripts["/avow-messenger.js"] = (product.package / "dist/index.js").read_bytes()
    imports = '<script type="module">window.messenger = await import("/avow-messenger.js");</script>'
    page, seen = cast.open(f"<!doctype html><html lang=en><title>Acme</title>{imports}")
    until(lambda: page.evaluate("() => !!window.messenger"), page)
    return page, seen


def _begin(cast: Cast, page: Any, **settings: Any) -> None:
    told = {"server": cast.server.url, "app_id": cast.made.workspace_id, **settings}
    page.evaluate("(told) => messenger.Intercom(told)", told)


def _examples(cast: Cast, kind: str) -> str:
    return (
        EXAMPLES[kind].replace("https://avow.example.com", cast.server.url).replace("abcd1234", cast.made.workspace_id)
    )


def test_what_npm_packs_is_the_script_its_types_and_its_licence(product: Product) -> None:
    found = {str(path.relative_to(product.package)) for path in product.package.rglob("*") if path.is_file()}
    assert found == {
        "package.json",
        "README.md",
        *(f"dist/{name}" for name in ("index.js", "package.d.ts", "types.d.ts", "LICENSE")),
    }


def test_it_boots_updates_shuts_down_and_boots_again(cast: Cast, imported: tuple[Any, Seen]) -> None:
    page, seen = imported
    _begin(cast, page, intercom_user_jwt=cast.token(plan="pro"), name="Alice")
    until(lambda: cast.values().get("plan") == "pro", page)
    assert seen.sent[0]["installation_type"] == "npm-package"
    page.evaluate(
        "() => { messenger.update({ plan: 'enterprise', city: 'Berlin' }); messenger.trackEvent('invited'); }"
    )
    until(lambda: cast.values().get("city") == "Berlin", page)
    until(lambda: [one for one in seen.sent if one["route"] == "events"], page)
    assert cast.values()["plan"] == "pro"
    assert page.evaluate("() => messenger.whoami().identity_verified") is True
    page.evaluate("() => messenger.shutdown()")
    assert page.evaluate("() => messenger.whoami()") is None
    bob = cast.me.replace("alice", "bob")
    _begin(cast, page, intercom_user_jwt=cast.token(bob, seats=3))
    until(lambda: cast.values(bob).get("seats") == 3, page)
    page.evaluate("() => messenger.shutdown()")
    page.evaluate("(jwt) => messenger.boot({ intercom_user_jwt: jwt, seats: 4 })", cast.token())
    until(lambda: cast.values().get("seats") == 4, page)
    assert cast.values(bob)["seats"] == 3
    assert seen.errors == []


def test_a_component_may_begin_as_often_as_it_renders(cast: Cast, imported: tuple[Any, Seen]) -> None:
    page, seen = imported
    for _ in range(5):
        _begin(cast, page, intercom_user_jwt=cast.token(), seats=3)
    until(lambda: cast.values().get("seats") == 3, page)
    page.wait_for_timeout(300)
    assert len(seen.sent) == 1


def test_what_is_called_before_the_beginning_is_done_then(cast: Cast, imported: tuple[Any, Seen]) -> None:
    page, seen = imported
    page.evaluate(
        "() => { messenger.onReceipt((told) => { window.told = told; }); messenger.update({ seats: 9 });"
        " messenger.shutdown(); messenger.update({ city: 'Rome' }); }"
    )
    _begin(cast, page, intercom_user_jwt=cast.token())
    until(lambda: cast.values().get("city") == "Rome", page)
    until(lambda: page.evaluate("() => window.told"), page)
    assert "seats" not in cast.values(), "who said so had left before anybody began"
    assert seen.errors == []


def test_a_region_leads_nobody_elsewhere_and_becomes_no_attribute(cast: Cast, imported: tuple[Any, Seen]) -> None:
    page, seen = imported
    _begin(cast, page, intercom_user_jwt=cast.token(), region="eu", seats=3)
    until(lambda: cast.values().get("seats") == 3, page)
    assert [set(told) for told in seen.user_data()] == [{"intercom_user_jwt", "user_id", "seats"}]
    assert [line for line in seen.console if "region" in line and "server says where Avow is" in line]


@pytest.mark.parametrize("address", ["", "avow.example.com", "//", "javascript:alert(1)", None, 7])
def test_without_a_server_nothing_is_sent_and_the_console_says_why(imported: tuple[Any, Seen], address: Any) -> None:
    page, seen = imported
    page.evaluate("(server) => { messenger.Intercom({ app_id: 'abcd1234', server }); messenger.Intercom(); }", address)
    page.evaluate("() => messenger.update({ seats: 3 })")
    assert [line for line in seen.console if "server is missing" in line]
    assert (seen.errors, seen.sent) == ([], [])


@pytest.mark.parametrize("path", ["", "/", "/avow", "/avow/", "/avow/widget/abcd1234"])
def test_its_server_may_be_below_a_path(cast: Cast, imported: tuple[Any, Seen], path: str) -> None:
    page, _ = imported
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _begin(cast, page, server=cast.server.url + path, user_id=cast.me)
    until(lambda: asked, page)
    assert asked[0] == cast.server.url + ("/avow" if "avow" in path else "") + "/messenger/web/ping"


def test_where_pages_are_rendered_on_a_server_nothing_happens(product: Product) -> None:
    calls = "m.update({ seats: 3 }); m.onReceipt(() => 0); m.Intercom({ server: 'https://avow.example.com' });"
    product.write(
        "server.mjs", f"import * as m from 'avow-messenger'; {calls} console.log(m.whoami(), m.getVisitorId());"
    )
    assert product.run("server.mjs") == "null undefined\n"


@pytest.mark.parametrize("resolution", ["bundler", "nodenext"])
def test_its_types_take_what_is_right_and_nothing_else(product: Product, resolution: str) -> None:
    product.write("package.json", '{"type": "module"}')
    product.write("typed.ts", TYPED)
    assert product.complaints("typed.ts", resolution=resolution) == ""


def test_the_documented_bundle_works(cast: Cast, product: Product) -> None:
    cast.site.sign = lambda: cast.token(plan="pro")
    product.write("bundle.js", _examples(cast, "js"))
    cast.site.scripts["/bundle.js"] = product.bundled("bundle.js")
    page, seen = cast.open('<!doctype html><html lang=en><title>Acme</title><script src="/bundle.js"></script>')
    until(lambda: cast.values().get("seats") == 12, page)
    assert cast.values()["plan"] == "pro"
    assert seen.errors == []


def test_the_documented_component_follows_who_is_logged_in(cast: Cast, product: Product) -> None:
    users = {"": "", "alice": cast.me, "bob": cast.me.replace("alice", "bob")}
    here = ""
    cast.site.sign = lambda: cast.token(users[here], plan=here) if here else ""
    product.write("Messenger.jsx", _examples(cast, "jsx"))
    product.write("main.jsx", RENDERED)
    assert product.complaints("Messenger.jsx") == ""
    cast.site.scripts["/main.js"] = product.bundled("main.jsx")
    page, seen = cast.open('<!doctype html><html lang=en><title>Acme</title><body><script src="/main.js"></script>')

    page.evaluate("() => render(null)")
    until(lambda: page.evaluate("() => Object.keys(localStorage).length"), page)
    session = page.evaluate("() => JSON.parse(Object.values(localStorage)[0]).session")
    for here in ("alice", "bob"):
        page.evaluate("(id) => render({ id })", users[here])
        until(lambda name=here: cast.values(users[name]).get("plan") == name, page)
        assert page.text_content("main") == users[here]
    merged = [one["user_data"].get("intercom_user_jwt") for one in seen.sent if one.get("anonymous_session") == session]
    assert merged[-1], "the visitor's session goes along when she logs in"
    here = ""
    page.evaluate("() => render(null)")
    until(lambda: page.evaluate("() => Object.keys(localStorage).length"), page)
    assert "intercom_user_jwt" not in seen.user_data()[-1]
    assert [line for line in seen.console if line.startswith("error")] == []
    assert seen.errors == []
