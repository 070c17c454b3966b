"""Contacts that led to a visit, whichever bundle brought which."""
