"""Cases that a domain expert writes: a contact in a few words, and what becomes of it.

docs/reference/cases.md describes the files. Nothing here knows which registers there are: a case goes the
way that every bundle goes, and is held against what it expects.
"""
