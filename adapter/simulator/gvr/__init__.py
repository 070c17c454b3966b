"""GVR's side: Gemensamt Vårdregister, Region Stockholm, service vårdkontakt."""
