"""Chromium: where it is, how it is started, and what its console says."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# The same browser without windows, which takes a fifth less of the processor; but it installs no apps.
HEADLESS = shutil.which("chromium-headless-shell") or CHROMIUM
# No sandbox as root, no GPU where there is none, and no calls to its maker's servers. Nor does each window begin with
# two pages for suggestions below an address bar that nobody sees, which took three quarters of the work of opening it.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
]  # fmt: skip


def forbidden(text: str) -> bool:
    return any(words in text for words in ("Content Security Policy", "Permissions policy", "Permissions-Policy"))
