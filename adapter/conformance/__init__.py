"""The conformance kit: cases in an open format, run on this code or on a live adapter, and the first report
of a vendor's bundles. docs/reference/conformance-format.md describes the format.
"""
