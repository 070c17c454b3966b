"""One job, several ways to do it: accept messages durably, and deliver them in order per key (see job.py)."""
