"""Rate limits per client address, by Flask-Limiter.

Requests are counted in the memory of each worker, or in Redis for all workers of all machines. While Redis does not
answer, each worker counts for itself.
"""

from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from web import limits

NETWORK = 64  # in bits: a client has all IPv6 addresses of its network


def init_app(app: Flask) -> None:
    """Limit the rate of requests to `app` if one is configured. Raises ValueError for an invalid setting."""
    proxies, rate = app.config["PROXIES"], str(app.config["RATE_LIMIT"])
    if proxies:
        # Only the last entries of X-Forwarded-For are from our own proxies; a client can write the others.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
    if not rate:
        return
    # Not at the top: most servers limit no rate, and start without the libraries for it.
    from flask_limiter import Limiter
    from limits import parse_many
    from limits.errors import ConfigurationError

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
            # In seconds: requests must not wait for a Redis that hangs.
            storage_options={"socket_timeout": 1, "socket_connect_timeout": 1} if "redis" in storage else {},
            strategy="sliding-window-counter",  # stores two numbers per client
            headers_enabled=True,
            in_memory_fallback_enabled=True,
        )
    except (ConfigurationError, ValueError) as error:
        raise ValueError(
            f"DIGITPAD_RATE_LIMIT_STORAGE cannot be used ({error}): write memory://, or redis://host:6379/0"
        ) from error


def client() -> str:
    """Return the address of the current request's client, or its network with IPv6."""
    text = request.remote_addr or ""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:  # a Unix socket, or a proxy that sends no address
        return text
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> (128 - NETWORK) << (128 - NETWORK)))
    return str(address)
