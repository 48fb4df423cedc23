#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends bubblewrap python3-pip python3-venv
python3 -m venv /autograder/uv
/autograder/uv/bin/pip install --quiet uv
/autograder/uv/bin/uv venv --python 3.11 /autograder/venv
course=/autograder/source/course
/autograder/uv/bin/uv pip install --python /autograder/venv/bin/python -c "$course/constraints.txt" -e "${course}[grade,tf]"
