"""``python -m adapter.docs_pages``: write all pages."""

from adapter.docs_pages import main

if __name__ == "__main__":
    main()
