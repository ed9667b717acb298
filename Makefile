# Every chore lives in tools/tasks.py (standard library only), so that it runs without make too.
# Arguments go in ARGS: make test ARGS="tests/house -x", make bench ARGS=--large. Another Python: make drill PYTHON=python3.12
PYTHON ?= python3

.PHONY: drill test check soak bench serve lock clean help
.DEFAULT_GOAL := help

drill test soak bench serve lock:
	@$(PYTHON) tools/tasks.py $@ $(ARGS)

check clean help:
	@$(PYTHON) tools/tasks.py $@
