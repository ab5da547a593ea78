# The two commands: `make conformance` (as root) and `make test`; and how fast agr is: `make bench` (as root).

.PHONY: install conformance test alone bench mutants devices lint wheel clean

install:
	@fixtures/install.sh

# The suite on the default bench; agr-lab's own exit code says more than make's (docs/running.md).
conformance: install
	@.venv/bin/agr-lab run --lab lab.yaml

# Makes the whole host wait for RTNL, seconds at a time: not beside other tests.
ALONE = testcases/selftest/daemon/test_rtnl.py

# Files of self-tests side by side: more than processors, as they also wait.
WORKERS = $(shell expr $$(nproc) \* 3 / 2)

# Everything the project tests about itself; which files come first is in testcases/selftest/conftest.py.
test: install
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint alone
	@.venv/bin/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder --ignore $(ALONE)

alone: install
	@.venv/bin/pytest -q $(ALONE)

# What agr carries and costs, against a plain veth path; about ten minutes on a machine that does nothing else.
bench:
	@fixtures/install.sh bench
	@.venv/bin/python -m testcases.benchmarks

# agr's core, broken in hundreds of ways: the suite must notice each. A run that was stopped is taken up again.
mutants: install
	@.venv/bin/python -m testcases.mutants

# Devices that conform and are different, and breakages on top of them: the suite must say so of each.
devices: install
	@.venv/bin/python -m testcases.selftest.devices
	@.venv/bin/python -m testcases.selftest.devices --breakages

lint: install
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

# The project's wheel, and that of agr by itself, in dist/. Left-over build folders would go into them.
wheel: install
	@rm -rf build agr/build dist
	@.venv/bin/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist . ./agr
	@rm -rf build agr/build
	@ls dist/*.whl

# What a killed run left: namespaces, processes, switch settings. The next run does this too.
clean: install
	@.venv/bin/agr-lab clean --lab lab.yaml
