"""The receivers of files: they read batches from a folder, check them, and answer with receipts."""
