# The two commands: `make conformance` (as root) and `make test`.

.PHONY: install conformance test lint clean

install:
	@fixtures/install.sh

# The suite on the default bench; agr-lab's own exit code says more than make's (README).
conformance: install
	@.venv/bin/agr-lab run --lab lab.yaml

# Everything the project tests about itself.
test: lint
	@.venv/bin/pytest -q -n 2 --dist loadfile

lint: install
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

# What a killed run left: namespaces, processes, switch settings. The next run does this too.
clean: install
	@.venv/bin/agr-lab clean --lab lab.yaml
