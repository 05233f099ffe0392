"""Under which names do the hub's stages read? What the command line looks for on the broker."""

from schemas.access import DECIDE_GROUP as DECIDE_GROUP
from schemas.access import DELIVER_GROUP as DELIVER_GROUP
from schemas.access import INTAKE_GROUP as INTAKE_GROUP
