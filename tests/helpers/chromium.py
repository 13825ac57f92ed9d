"""Chromium: where it is, how it is started, and what its console says."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# No sandbox as root, no GPU where there is none, and no calls to its maker's servers.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def forbidden(text: str) -> bool:
    return any(words in text for words in ("Content Security Policy", "Permissions policy", "Permissions-Policy"))
