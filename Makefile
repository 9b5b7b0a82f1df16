# `make` lists the targets. Everything happens in .venv; nothing else on the machine is touched.

# Any of these will do, as long as it is Python 3.11, 3.12 or 3.13: make book PYTHON=python3.12
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
PORT ?= 8000
RUN := .venv/bin/python -m
# Each test file runs in one process; conftest.py says how many processes there are.
TEST := $(RUN) pytest --numprocesses logical --dist loadfile --no-loadscope-reorder
CHAPTERS := chapters
SECONDS ?= 300
RUNS ?= 10
TARGETS ?= archive idx table any_file image_file pixels records page_weights network checkpoint quiz answers drawing hand

.PHONY: help book serve test test-unit test-widgets test-chapters test-site binder engine reference repeats ladder bench \
	steady fuzz audit lint strip clean FORCE publish-check zip epub pdf

help:
	@echo "make book           install what is needed, run the chapters, build _build/html"
	@echo "make serve          show the book on this computer (PORT=$(PORT))"
	@echo "make test           everything below, with one summary at the end"
	@echo "make test-unit      the package and the project's files: without a browser, and without building a book"
	@echo "make test-widgets   the widgets in a browser, and the Sphinx extensions on tiny books"
	@echo "make test-chapters  the chapters: each runs with pytest --nbmake, and is checked for what it says"
	@echo "make test-site      the book, built with warnings as errors, in a browser; JupyterLab and Notebook 7; failure drills"
	@echo "make binder         build as Binder does, with its own builder, in a clean environment, and run two chapters there"
	@echo "make engine         compile the engine that trains in the page; its bytes are committed, and no book needs this"
	@echo "make reference      train the reference network on MNIST again, with five seeds (5 to 10 minutes)"
	@echo "make repeats        train its median run again with one thing changed at a time (10 minutes)"
	@echo "make ladder         train networks of many sizes on MNIST (about two hours; goes on where it was interrupted)"
	@echo "make bench          measure what we claim about speed, next to other libraries (three quarters of an hour): benchmarks/results.md"
	@echo "make steady         run all tests ten times in a row (hours; goes on where it was interrupted; RUNS=$(RUNS))"
	@echo "make fuzz           look for files that break what reads them, 5 minutes each kind (Linux; SECONDS=$(SECONDS))"
	@echo "make audit          look up the pinned packages among the known vulnerabilities"
	@echo "make publish-check  build the book, and say whether it is ready to publish"
	@echo "make zip            pack the book into _build/mnist-tutorial-<version>.zip, for a USB stick"
	@echo "make epub           the book for an e-reader: _build/mnist-tutorial-<version>.epub"
	@echo "make pdf            the book for paper, made of the EPUB by the Chromium of the tests"
	@echo "make lint           style of the code, and words to avoid"
	@echo "make strip          take outputs out of the chapters before a commit"
	@echo "make clean          remove the built book and the results of the chapters"

# Installs again only when one of the three files says something else: clocks and file times can be wrong.
# No package is compiled here (--only-binary): where one has no ready-made file, that is said at once.
INSTALLS := requirements.txt constraints.txt pyproject.toml
INSTALL := $(RUN) pip install --quiet --disable-pip-version-check --only-binary :all: -c constraints.txt
.venv/ready: FORCE
	@cat $(INSTALLS) | cmp -s - $@ || { \
	test -n "$(PYTHON)" || { echo "This book needs Python 3.11, 3.12 or 3.13, and none of them was found." \
		"Install one, or name it: make book PYTHON=/path/to/python3"; exit 1; }; \
	"$(PYTHON)" -c '$(FITS)' || { echo "This book needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is none of them." \
		"Name another: make book PYTHON=/path/to/python3"; exit 1; }; \
	test -w . || { echo "This folder cannot be written to. Copy it to a place of your own, and say make there."; exit 1; }; \
	echo "Installing the book's packages into .venv (once; a few minutes) ..."; \
	"$(PYTHON)" -m venv .venv && $(INSTALL) -e . -r requirements.txt || { \
		echo "The packages are not installed; the lines above say why. No matching distribution means that there is" \
		"no ready-made package for this computer, or that it has no network. Nothing is compiled, and no compiler" \
		"is needed. Where nothing helps, run the book on Binder."; exit 1; }; \
	cat $(INSTALLS) > $@; }

# What tests and benchmarks need beside that; who only builds the book does without.
.venv/ready-to-test: .venv/ready FORCE
	@cat $(INSTALLS) | cmp -s - $@ || { \
	echo "Installing what the tests need into .venv (once) ..."; \
	$(INSTALL) -e ".[test,bench]" && cat $(INSTALLS) > $@; }

.venv/browser: .venv/ready-to-test
	@.venv/bin/python scripts/install_browser.py
	@touch $@

book: .venv/ready
	@.venv/bin/jupyter-book build . --quiet
	@echo "The book is in _build/html. To see it: make serve, or open _build/html/index.html in a browser."

serve:
	@test -f _build/html/index.html || { echo "There is no book yet: make book"; exit 1; }
	@echo "The book is at http://127.0.0.1:$(PORT)/ (Ctrl-C ends it)."
	@.venv/bin/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

test: .venv/browser
	@$(TEST) --nbmake --reuse-chapter-results tests $(CHAPTERS)

test-unit: .venv/ready-to-test
	@$(TEST) tests/package tests/project

test-widgets: .venv/browser
	@$(TEST) tests/widgets tests/sphinx

test-chapters: .venv/ready-to-test
	@$(TEST) --nbmake --reuse-chapter-results $(CHAPTERS) tests/chapters

test-site: .venv/browser
	@$(TEST) tests/site tests/hosts tests/drills

binder: .venv/ready-to-test
	@.venv/bin/python scripts/build_as_binder.py

engine: .venv/ready-to-test
	@.venv/bin/python scripts/compile_engine.py

reference: .venv/ready
	@.venv/bin/python scripts/train_reference.py
	@.venv/bin/python scripts/write_first_weights.py

# Other versions of TensorFlow: make repeats PYTHONS="/path/to/one/python /path/to/another/python"
repeats: .venv/ready
	@.venv/bin/python scripts/train_repeats.py $(PYTHONS)

ladder: .venv/ready
	@.venv/bin/python scripts/train_ladder.py

# PyTorch, which only the comparison needs, in an environment of its own.
.venv-bench/ready: benchmarks/requirements.txt .venv/ready
	@echo "Installing PyTorch into .venv-bench, for the comparison alone (on Linux several GB) ..."
	@"$(PYTHON)" -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: book .venv/browser .venv-bench/ready
	@.venv/bin/python benchmarks/bench.py

steady: .venv/browser
	@.venv/bin/python benchmarks/steady.py $(RUNS)

# Atheris, which only this needs, beside the packages of .venv.
.venv-fuzz/ready: fuzz/requirements.txt .venv/ready
	@.venv/bin/python -m venv .venv-fuzz
	@.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

fuzz: .venv-fuzz/ready
	@packages=$$(.venv/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))"); \
	for target in $(TARGETS); do \
		PYTHONPATH="$(CURDIR):$$packages" .venv-fuzz/bin/python fuzz/fuzz_files.py $$target $(SECONDS) || exit 1; \
	done

# Strict: a package that cannot be looked up also counts as a failure.
audit:
	@"$(PYTHON)" -m venv .venv-audit
	@.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	@.venv-audit/bin/pip-audit --strict --no-deps --disable-pip -r constraints.txt

# For a book with an address: make publish-check BOOK_ADDRESS=https://someone.github.io/digits/
publish-check: book .venv/browser
	@$(RUN) site_checks.publish_check

zip: book
	@.venv/bin/python scripts/pack_zip.py

epub: .venv/ready
	@.venv/bin/jupyter-book build . --builder custom --custom-builder epub --quiet
	@$(RUN) site_checks.epub_check _build/*.epub

pdf: epub .venv/browser
	@.venv/bin/python scripts/print_pdf.py

lint: .venv/ready-to-test
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@.venv/bin/codespell
	@.venv/bin/lint-imports

strip: .venv/ready
	@$(RUN) jupyter nbconvert --clear-output --inplace $(CHAPTERS)/*.ipynb

clean:
	rm -rf _build $(CHAPTERS)/my_work
