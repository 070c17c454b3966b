"""``python -m adapter``: the same as the command ``vardbro``."""

from adapter.cli import main

if __name__ == "__main__":
    main()
