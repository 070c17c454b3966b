"""What the pages share in Markdown."""


def cell(text: str) -> str:
    """A text as the content of a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def made_from(*folders: str) -> str:
    """The line that says that a page is made, and from what."""
    named = ", ".join(f"`{one}`" for one in folders)
    return f"*Made by `python -m adapter.docs_pages` from {named}. Do not edit.*"
