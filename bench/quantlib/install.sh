#!/usr/bin/env bash
# QuantLib's column of `npm run bench`: Debian's or Ubuntu's package, and our two loops over it. Needs root for the package.
set -euo pipefail
cd "$(dirname "$0")"
dpkg -s libquantlib0-dev >/dev/null 2>&1 || apt-get install -y --no-install-recommends libquantlib0-dev g++

g++ -O3 -march=native -std=c++17 workload.cpp -lQuantLib -o workload
