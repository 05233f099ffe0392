"""Is a published draw what its seed chooses? `python recompute_draw.py DRAW.json`; no library."""

import json
import pathlib
import sys
from collections import Counter
from hashlib import sha256
from itertools import chain


def lot(*words):
    """The lot of a thing: SHA-256 of the words joined by |."""
    return sha256("|".join(words).encode()).hexdigest()


def recompute(draw):
    """The two hashes, then each object with its officers, in the order of the lots."""
    frame, load, root = draw["frame"], Counter(), lot(draw["seed"], draw["public_value"])
    text = json.dumps(frame, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    yield sha256(text.encode()).hexdigest(), sha256(bytes.fromhex(draw["seed"])).hexdigest()
    lots = [sorted((lot(root, o), o) for o in s["objects"])[: s["take"]] for s in frame["strata"]]
    for _, o in sorted(chain(*lots)):
        able = [f for f in frame["officers"] if f not in frame["avoid"].get(o, [])]
        pair = sorted(able, key=lambda f, o=o: (load[f], lot(root, o, f)))
        load.update(pair[: frame["officers_each"]])
        yield {"uscc": o, "officers": pair[: frame["officers_each"]]}


if __name__ == "__main__":
    draw = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    told = [(draw["frame_sha256"], draw["seed_sha256"]), *draw["chosen"]]
    same = list(recompute(draw)) == told
    print(f"{len(told) - 1} objects:", "as the seed chooses" if same else "NOT as the seed chooses")
    sys.exit(not same)
