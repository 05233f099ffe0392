"""Under which names do the hub's stages read? What the command line looks for on the broker."""

INTAKE_GROUP = "insp-intake"
DECIDE_GROUP = "insp-decide"
DELIVER_GROUP = "insp-deliver"
