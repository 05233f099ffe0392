"""Makes the modules beside the audit's tests importable: a hub made of paper and more."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
