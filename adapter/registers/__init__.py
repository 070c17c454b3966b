"""The receivers: what each register is told, how it travels, and what its answers mean."""
