#!/bin/sh
# Runs a command of this folder with a Python that TensorFlow 2.21 exists for: 3.11 to 3.13.
# PYTHON names one; else the environment's own, then what the PATH offers.

fits='import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.maxsize > 2**32))'

if [ -n "$PYTHON" ]; then
    "$PYTHON" -c "$fits" >/dev/null 2>&1 && exec "$PYTHON" "$@"
    version=$("$PYTHON" -c 'import platform; print(platform.python_version())' 2>/dev/null)
    echo "PYTHON=$PYTHON is ${version:+Python $version, }not a working 64-bit Python 3.11, 3.12 or 3.13, which TensorFlow needs." >&2
    exit 1
fi

# A complete environment is asked nothing first: every start would wait for one Python more.
# Should its Python be another one by now, the command comes back here without the stamp.
if [ -f .venv/installed.json ] && [ -x .venv/bin/python ]; then
    exec .venv/bin/python "$@"
fi

for candidate in .venv/bin/python python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$fits" >/dev/null 2>&1; then
        exec "$candidate" "$@"
    fi
done
echo "No 64-bit Python 3.11, 3.12 or 3.13 was found, which TensorFlow needs: install one, or name it with PYTHON=/path/to/python3.12." >&2
exit 1
