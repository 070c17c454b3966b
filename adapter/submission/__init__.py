"""The sender's side for files: what is in them, grouped into bundles, sent one after the other."""
