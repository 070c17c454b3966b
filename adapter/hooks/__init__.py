"""Telling others of changes: signed webhooks to senders and operators, and log lines for operators."""
