"""The receivers' side, for tests, demos and rehearsals: what a register checks, keeps and answers.

It stands alone: nothing here imports the rest of the package, so that a mistake in a renderer or a rule is
not made a second time by the other end. docs/how-to/simulator.md is the guide.
"""
