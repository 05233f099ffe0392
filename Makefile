# Everything runs in .venv, made from the hash-locked requirements; nothing else is installed by hand.
PYTHON ?= python3
BIN := .venv/bin

# Bytecode is kept even where the environment says otherwise: every test of processes starts several,
# and each would compile the whole hub anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint chaos bench golden schemas metrics strimzi kubernetes sbom lock clean

demo: .venv/ready
	$(BIN)/python hub.py demo

# Most tests wait for servers most of the time: four processes on two cores, each with servers of its
# own. tests/conftest.py says what stays together, and what comes first.
LANES ?= 4

test: .venv/ready lint
	$(BIN)/python -m pytest -q -n $(LANES) --dist loadfile --no-loadscope-reorder --durations=25

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

chaos: .venv/ready
	$(BIN)/python -m pytest -q -m chaos --chaos=full $(if $(SEED),--chaos-seed=$(SEED)) tests/chaos

bench: .venv/ready
	$(BIN)/python -m benchmarks.run

# Decisions changed on purpose: raise RULES_VERSION first, this refuses to overwrite the same version.
golden: .venv/ready
	$(BIN)/python tests/golden.py

schemas: .venv/ready
	$(BIN)/python -m schemas.avro_derive
	$(BIN)/python hub.py asyncapi --out docs/asyncapi.yaml

# Figures, alert rules and dashboards, from the tables in schemas/metrics.py and schemas/alerts.py.
metrics: .venv/ready
	$(BIN)/python -m connectors.metrics.files

# Kafka's topics and the hub's users for Kubernetes, from the tables of topics and of access.
strimzi: .venv/ready
	$(BIN)/python -m connectors.strimzi_file

# What kubectl (1.27 or newer) makes of the manifests: tests compare it with their own reading.
kubernetes: .venv/ready
	$(BIN)/python tests/kustomized.py

# What the image is made of, as CycloneDX.
sbom: .venv/ready
	$(BIN)/python hub.py sbom --out sbom.cdx.json

# Two locks: what a developer installs, and the part of it that the image is made of.
COMPILE := $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate \
	--all-extras --python-version 3.11
lock:
	$(BIN)/pip install -q uv
	$(COMPILE) --group dev pyproject.toml -o requirements.lock
	$(COMPILE) -c requirements.lock pyproject.toml -o deploy/image.lock

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes \
		--only-binary :all: --no-binary gmalglib -r requirements.lock
	touch .venv/ready

clean:
	rm -rf .venv .run .kafka
