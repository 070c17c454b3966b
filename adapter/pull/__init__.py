"""Fetching contacts from a sender that cannot push: search by change, gather each contact, send it on."""
