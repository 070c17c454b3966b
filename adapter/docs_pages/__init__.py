"""Pages and schemas that are made from the data: ``python -m adapter.docs_pages`` writes them anew.

A test compares what is committed with what would be written, so that neither can go stale.
"""

from adapter.docs_pages.assumptions import assumptions_page
from adapter.docs_pages.pages import main, pack_schema, pages
from adapter.docs_pages.schema import assumed_members

__all__ = ["assumed_members", "assumptions_page", "main", "pack_schema", "pages"]
