"""The secure connection to a register: SITHS function certificates (mutual TLS), and what its failures mean."""

import ssl

from adapter.errors import ConfigurationError
from adapter.registers.protocol import RegisterSettings


def ssl_context(settings: RegisterSettings) -> ssl.SSLContext:
    """Our side of mutual TLS. With `ca`, only that root is trusted (test and production have different ones).

    Raises ConfigurationError when a file is missing, unreadable or no certificate.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ca)
    except OSError as error:
        raise ConfigurationError("ca: cannot read the register's root certificates") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
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


def is_tls_failure(error: BaseException) -> bool:
    """Whether a certificate or the protocol is at fault, by the chain of causes.

    With TLS 1.3 a server that does not accept our certificate says so after our side of the handshake is
    done, when the request may have been written: its alert still means that the request was never read.
    """
    return any(isinstance(cause, ssl.SSLError) and not _is_hang_up(cause) for cause in causes(error))


def causes(error: BaseException) -> list[BaseException]:
    """`error` and what led to it, the nearest first."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain


def _is_hang_up(error: ssl.SSLError) -> bool:
    return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)
