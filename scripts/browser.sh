#!/usr/bin/env bash
# Chromium for the tests that look at pages: says where it is; root installs Debian's where there is none. Never fails: without it those tests are skipped, and say why.
set -uo pipefail

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then
    printf 'Chromium is %s\n' "$(command -v "$name")"
    exit 0
  fi
done
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
fi
if command -v chromium >/dev/null; then
  printf 'Chromium was installed\n'
else
  printf 'Chromium is missing: tests that look at pages will be skipped. Install it: apt-get install chromium\n'
fi
exit 0
