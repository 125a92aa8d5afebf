"""The content security policy and the other headers of the site, for the page itself and for web servers.

Sources: W3C Content Security Policy Level 3; W3C Referrer Policy; WHATWG HTML on ``<meta http-equiv>`` (which cannot
carry ``frame-ancestors``), read on 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping

_DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
META = "; ".join(f"{name} {value}" for name, value in _DIRECTIVES.items())
"""The policy as every page carries it."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": f"{META}; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
EMBED = "/embed/*"
"""What partners may show in a frame of theirs."""
_EMBED = ("default-src", "script-src", "style-src", "img-src", "connect-src", "base-uri")
EMBED_META = "; ".join([*(f"{name} {_DIRECTIVES[name]}" for name in _EMBED), "form-action 'none'"])
"""The policy of a page in a partner's frame, as the page carries it."""
EMBED_POLICY = f"{EMBED_META}; frame-ancestors *"
OPEN = {"Access-Control-Allow-Origin": "*"}
"""For what may be read from anywhere: feeds; and embeds, whose sandboxed frame is a stranger even to its own site."""
KINDS = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
"""The kinds of feeds, by how their names end: servers do not know them all."""
PRIVATE = "partner"
"""Below this, partners read what is under embargo, each by a link of its own; the files lie outside the site."""
_CLOSED = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}
"""For what partners read under embargo."""
_LONG = "public, max-age=31536000, immutable"


def header_files() -> dict[str, str]:
    """Return the files with the headers, by path: for Netlify and Cloudflare Pages, nginx and Caddy.

    They say the same. Files under ``/assets/`` and ``/pictures/`` carry their hash in their name or in the query, and
    may be kept; pages may not be kept without asking, so that a correction is seen at once.
    """
    return {
        "_headers": _netlify(),
        "headers/nginx.conf": _nginx(),
        "headers/Caddyfile": _caddy(),
    }


def _netlify() -> str:
    lines = ["/*", *(f"  {name}: {value}" for name, value in HEADERS.items()), "  Cache-Control: no-cache"]
    lines += [EMBED, "  ! Content-Security-Policy", f"  Content-Security-Policy: {EMBED_POLICY}", *_netlify_open()]
    for end, kind in KINDS.items():
        lines += [f"/feeds/:language/:name.{end}", f"  Content-Type: {kind}", *_netlify_open()]
    lines += [f"/{PRIVATE}/*", "  ! Cache-Control", *(f"  {name}: {value}" for name, value in _CLOSED.items())]
    for folder in ("/assets/*", "/pictures/*"):
        lines += [folder, "  ! Cache-Control", f"  Cache-Control: {_LONG}"]
    return "\n".join(lines) + "\n"


def _netlify_open() -> list[str]:
    return [f"  {name}: {value}" for name, value in OPEN.items()]


def _nginx() -> str:
    base = [f'add_header {name} "{value}" always;' for name, value in HEADERS.items()]
    embed = [line for line in base if "Content-Security-Policy" not in line]
    embed.insert(0, f'add_header Content-Security-Policy "{EMBED_POLICY}" always;')
    embed.append('add_header Cache-Control "no-cache" always;')
    closed = [f'add_header {name} "{value}" always;' for name, value in _CLOSED.items()]
    shared = [f'add_header {name} "{value}" always;' for name, value in OPEN.items()]
    kinds = " ".join(f"{kind.partition(';')[0]} {end};" for end, kind in KINDS.items())
    # add_header in a location replaces those of the server, so every location repeats them (nginx.org).
    blocks = [
        ("/", [*base, 'add_header Cache-Control "no-cache" always;', "try_files $uri $uri/index.html =404;"]),
        ("/embed/", [*embed, *shared]),
        (
            "/feeds/",
            [*base, *shared, 'add_header Cache-Control "no-cache" always;', f"types {{ {kinds} }}", "charset utf-8;"],
        ),
        (f"/{PRIVATE}/", [*base, *closed, "try_files $uri $uri/index.html =404;"]),
        ("/assets/", [*base, f'add_header Cache-Control "{_LONG}" always;']),
        ("/pictures/", [*base, f'add_header Cache-Control "{_LONG}" always;']),
    ]
    head = "# Inside the server block of nginx: include this file.\n"
    head += "error_page 404 /404.html;\nserver_tokens off;\n"
    return head + "".join(
        f"location {place} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n" for place, lines in blocks
    )


def _caddy() -> str:
    lines = ["# In the site's block of a Caddyfile: import this file.", "header {"]
    lines += [f'    {name} "{value}"' for name, value in HEADERS.items()]
    lines += ['    Cache-Control "no-cache"', "}", f'header /embed/* Content-Security-Policy "{EMBED_POLICY}"']
    lines += [f'header /{folder}/* {name} "{value}"' for folder in ("embed", "feeds") for name, value in OPEN.items()]
    lines += [f'header /feeds/*.{end} Content-Type "{kind}"' for end, kind in KINDS.items()]
    lines += [f'header /{PRIVATE}/* {name} "{value}"' for name, value in _CLOSED.items()]
    lines += [f'header {folder}/* Cache-Control "{_LONG}"' for folder in ("/assets", "/pictures")]
    lines += ["handle_errors {", "    rewrite * /404.html", "    file_server", "}"]
    return "\n".join(lines) + "\n"
