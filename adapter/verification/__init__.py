"""The fault suite: the real service is killed under load, and the register's log compared with the receipts.

What is judged is the product as it runs, from outside: processes, HTTP, the ledger on its disk. Nothing here
is used by the service. docs/reference/verify.md is the guide.
"""
