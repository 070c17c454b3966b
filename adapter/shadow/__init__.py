"""The start in production: what would have been sent is compared with what another system has sent, and what
that one has sent is taken over (docs/how-to/go-live).
"""
