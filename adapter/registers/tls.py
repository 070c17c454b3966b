"""The secure connection to a register (mutual TLS with SITHS certificates), and what its failures mean."""

import ssl

import httpcore

from adapter.errors import ConfigurationError
from adapter.registers.protocol import RegisterSettings

_CERTIFICATE_ALERTS = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    }
)


def ssl_context(settings: RegisterSettings) -> ssl.SSLContext:
    """Our side of mutual TLS. With `ca`, only that root is trusted (test and production have different ones).

    Raises ConfigurationError when a file is missing, unreadable or no certificate.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ca)
    except OSError as error:
        raise ConfigurationError("ca: cannot read the register's root certificates") from error
    if settings.client_cert is not None:
        try:
            context.load_cert_chain(settings.client_cert, settings.client_key)
        except OSError as error:
            raise ConfigurationError(
                "client_cert, client_key: cannot read our certificate or its key"
            ) from error
    elif settings.client_key is not None:
        raise ConfigurationError("client_key is set without client_cert")
    return context


def fails_hello(error: BaseException) -> bool:
    """Whether certificates or the protocol are at fault for an error of the connect phase.

    A peer that just hangs up does not count: it may be restarting.
    """
    return any(isinstance(cause, ssl.SSLError) and not _is_hang_up(cause) for cause in causes(error))


def refuses_certificate(error: BaseException) -> bool:
    """Whether an error after the hello is the peer's alert that it does not accept our certificate.

    With TLS 1.3 that alert comes when our side of the handshake is done and the request may have been
    written; the peer has not read it. Other TLS errors at that point say nothing about the request.
    """
    reasons = (cause.reason for cause in causes(error) if isinstance(cause, ssl.SSLError))
    return any(reason in _CERTIFICATE_ALERTS for reason in reasons)


def causes(error: BaseException) -> list[BaseException]:
    """`error` and what led to it, the nearest first.

    httpcore raises its errors ``from None``, which leaves the origin in their context; the context of others
    can be whatever the caller was handling.
    """
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__context__ if isinstance(cause, httpcore.NetworkError) else cause.__cause__
    return chain


def _is_hang_up(error: ssl.SSLError) -> bool:
    return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)
