"""How does the shop answer? A small web application of its own: it holds the secret, and its pages hold none.

- Pages: the shop, its plans, and the console to cheat in.
- `/token` is for the page of whoever is logged in; `/team` is what Acme's team sees of her, asked of Avow by REST.
- Changing anything takes a request from the shop's own pages (Fetch Metadata, Origin).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from avow.demo.company import Secrets
from avow.demo.shop.customers import PLANS, Customers
from avow.demo.shop.signing import pockets, token
from avow.demo.shop.team import Team

COOKIE: Final = "acme_session"
_Next = Callable[[Request], Awaitable[Response]]


class Shop:
    """The shop of one demo. `avow_url` is Avow's address as the customer's browser reaches it."""

    def __init__(self, secrets: Secrets, avow_url: str) -> None:
        self._secrets = secrets
        self._avow = avow_url
        self._customers = Customers()
        self._team = Team(avow_url, secrets.access_token)
        self._templates = Environment(loader=PackageLoader("avow.demo.shop"), autoescape=True)

    def application(self) -> Starlette:
        """Everything that answers."""
        pages = [Route(path, self._page(name)) for path, name in _PAGES.items()]
        acts = [
            Route("/login/{name}", self.log_in, methods=["POST"]),
            Route("/logout", self.log_out, methods=["POST"]),
            Route("/buy/{plan}", self.buy, methods=["POST"]),
            Route("/token", self.token),
            Route("/pockets", self.pockets),
            Route("/team", self.team),
            Route("/favicon.ico", _icon),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]
        return Starlette(routes=[*pages, *acts])

    def _page(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        async def page(request: Request) -> Response:
            customer = self._customers.of(request.cookies.get(COOKIE))
            html = self._templates.get_template(f"{name}.html").render(
                page=name, customer=customer, plans=PLANS, avow=self._avow, app_id=self._secrets.workspace_id
            )
            policy = (
                f"default-src 'none'; script-src 'self' {self._avow}; connect-src 'self' {self._avow}; "
                "style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
            return HTMLResponse(html, headers={"content-security-policy": policy, "cache-control": "no-store"})

        return page

    async def log_in(self, request: Request) -> Response:
        """As one of the two: there is no password to guess in a demo."""
        name = request.path_params["name"]
        if not _own(request) or name not in self._customers:
            return PlainTextResponse("Only the shop's own pages log its customers in.", 403)
        answer = RedirectResponse(request.headers.get("referer", "/"), 303)
        answer.set_cookie(COOKIE, self._customers.log_in(name), httponly=True, samesite="lax")
        return answer

    async def log_out(self, request: Request) -> Response:
        """Be nobody again."""
        if not _own(request):
            return PlainTextResponse("Only the shop's own pages log its customers out.", 403)
        self._customers.log_out(request.cookies.get(COOKIE))
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def buy(self, request: Request) -> Response:
        """Change the plan, honestly: in the shop's own database, from where it is signed."""
        customer = self._customers.of(request.cookies.get(COOKIE))
        plan = request.path_params["plan"]
        if not _own(request) or customer is None or plan not in PLANS:
            return PlainTextResponse("Log in first; then choose one of the plans.", 403)
        customer.plan = plan
        return RedirectResponse("/plans", 303)

    async def token(self, request: Request) -> Response:
        """What the page of a logged-in customer carries to Avow; nothing for a visitor."""
        customer = self._customers.of(request.cookies.get(COOKIE))
        if customer is None:
            return PlainTextResponse("", headers={"cache-control": "no-store"})
        return PlainTextResponse(token(self._secrets, customer), headers={"cache-control": "no-store"})

    async def pockets(self, request: Request) -> Response:
        """What a cheat may have kept."""
        customer = self._customers.of(request.cookies.get(COOKIE))
        if customer is None:
            return JSONResponse({"who": None, "tokens": {}})
        found = pockets(self._secrets, customer, self._customers.other(customer))
        return JSONResponse({"who": customer.user_id, "tokens": found})

    async def team(self, request: Request) -> Response:
        """What Acme's team sees of whoever is here."""
        customer = self._customers.of(request.cookies.get(COOKIE))
        if customer is None:
            return JSONResponse({"attributes": []})
        return JSONResponse({"attributes": await run_in_threadpool(self._team.sees, customer.user_id)})


_PAGES: Final = {"/": "home", "/plans": "plans", "/cheat": "cheat"}
_STATIC: Final = str(files(__package__).joinpath("static"))


async def _icon(_: Request) -> Response:
    return FileResponse(f"{_STATIC}/icon.svg", headers={"cache-control": "public, max-age=604800"})


def _own(request: Request) -> bool:
    """Whether the request comes from a page of ours: what browsers say of it, and old ones by its origin."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host")
