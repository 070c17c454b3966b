"""``python -m adapter.simulator``: the register simulator alone."""

import argparse
import sys
from pathlib import Path

from adapter.simulator.server import Tls, run
from adapter.simulator.settings import Settings, read_units


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m adapter.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free port and prints it")
    parser.add_argument("--idempotency", action="store_true", help="honour the Idempotency-Key header")
    parser.add_argument(
        "--units", type=Path, help="file of valid kombika, one a line; without it any is valid"
    )
    parser.add_argument("--cert", type=Path, help="server certificate (PEM); with --key this serves TLS")
    parser.add_argument("--key", type=Path, help="private key of --cert (PEM)")
    parser.add_argument("--client-ca", type=Path, help="demand a client certificate from this authority")
    return parser.parse_args()


def main() -> int:
    """Run until interrupted; 2 when the arguments contradict each other."""
    given = _arguments()
    if (given.cert is None) != (given.key is None) or (given.client_ca and not given.cert):
        print("--cert and --key belong together, and --client-ca needs both", file=sys.stderr)  # noqa: T201
        return 2
    tls = Tls(given.cert, given.key, given.client_ca) if given.cert else None
    units = read_units(given.units) if given.units else None
    run(given.host, given.port, settings=Settings(idempotency=given.idempotency, units=units), tls=tls)
    return 0


if __name__ == "__main__":
    sys.exit(main())
