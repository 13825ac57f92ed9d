"""How often one client may ask: a rate for each address, by Flask-Limiter.

Counted in the memory of each worker, or in Redis for all workers of all machines. While Redis does not answer, each
worker counts for itself.
"""

from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from flask_limiter import Limiter
from limits import parse_many
from limits.errors import ConfigurationError
from werkzeug.middleware.proxy_fix import ProxyFix

from web import limits

NETWORK = 64  # bits: who has one IPv6 address has all that begin so


def init_app(app: Flask) -> None:
    """Limit the rate of `app`, if its configuration names one. Raises ValueError for one that makes no sense."""
    proxies, rate = app.config["PROXIES"], str(app.config["RATE_LIMIT"])
    if proxies:
        # What stands in X-Forwarded-For beyond our own proxies was written by the client.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
    if not rate:
        return
    storage = str(app.config["RATE_LIMIT_STORAGE"])
    try:
        parse_many(rate)
    except ValueError:
        raise ValueError(f"DIGITPAD_RATE_LIMIT is {rate!r}: write 600/minute, or 10/second;600/minute") from None
    try:
        Limiter(
            client,
            app=app,
            application_limits=[rate],
            application_limits_exempt_when=limits.is_exempt,
            storage_uri=storage,
            # A Redis that hangs must not make every request hang.
            storage_options={"socket_timeout": 1, "socket_connect_timeout": 1} if "redis" in storage else {},
            strategy="sliding-window-counter",  # two numbers for each client, however fast it asks
            headers_enabled=True,
            in_memory_fallback_enabled=True,
        )
    except (ConfigurationError, ValueError) as error:
        raise ValueError(
            f"DIGITPAD_RATE_LIMIT_STORAGE cannot be used ({error}): write memory://, or redis://host:6379/0"
        ) from error


def client() -> str:
    """Name whoever sends the current request: by address, and in IPv6 by network."""
    text = request.remote_addr or ""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:  # a socket file, or a proxy that names nobody
        return text
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> (128 - NETWORK) << (128 - NETWORK)))
    return str(address)
