"""GVR's side: Gemensamt Vårdregister, Region Stockholm, with its services."""
