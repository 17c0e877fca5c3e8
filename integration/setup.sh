#!/usr/bin/env bash
# Installs the programs that the external suites run against: from Debian's
# own packages, which needs root, for the suites conformance and kubernetes from
# PyPI, into integration/.venv, and for the suite jsonserver from npm, into
# integration/.npm. The suite pocketbase is a Go module, whose sources are
# fetched. Starts no service, and may be run again.
#
#   integration/setup.sh            everything
#   integration/setup.sh proxy ...  what these suites need
set -euo pipefail

# suites lists the suites; packages prints the Debian packages of one.
suites=(demo proxy systemd man monitoring conformance kubernetes jsonserver pocketbase)

packages() {
	case $1 in
	demo) echo bash curl ;;
	proxy) echo nginx caddy ;;
	systemd) echo systemd procps ;;
	man) echo groff-base ;;
	conformance | kubernetes) echo python3 python3-venv ;;
	# Node.js that is not from Debian brings npm with it.
	jsonserver) command -v npm >/dev/null || echo nodejs npm ;;
	pocketbase) ;; # a Go module
	monitoring) echo prometheus ;; # for promtool
	*)
		echo "setup: there is no suite \"$1\"; the suites are: ${suites[*]}" >&2
		return 1
		;;
	esac
}

# keep_stopped makes the packages' scripts leave their services alone: they
# ask this program, and 101 forbids. One that is there already is respected.
keep_stopped() {
	local policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# apt_get runs apt-get without questions, and shows its output only if it fails.
apt_get() {
	local out
	out=$(DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
		-o Acquire::Retries=3 "$@" </dev/null 2>&1) || {
		echo "$out" >&2
		echo "setup: apt-get $* failed" >&2
		return 1
	}
}

# python_suites makes the virtual environment of the suites that are Python
# programs, of all of them: it is one. The copy of the requirements, made last,
# says that it is complete.
python_suites() {
	local here venv
	local -a wanted
	here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
	venv=$here/.venv
	wanted=("$here/conformance/requirements.txt" "$here/kubernetes/requirements.txt")
	if cat "${wanted[@]}" | cmp -s - "$venv/requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null; then
		echo "setup: $venv is complete"
		return
	fi
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "${wanted[@]/#/-r}"
	cat "${wanted[@]}" >"$venv/requirements.txt"
	echo "setup: made $venv"
}

# node_suites installs the programs of the suites that run on Node.js, in the
# versions of the lock file. Its copy, made last, says that all is there.
node_suites() {
	local here there
	here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
	there=$here/.npm
	if cmp -s "$here/backends/jsonserver/package-lock.json" "$there/complete"; then
		echo "setup: $there is complete"
		return
	fi
	rm -rf "$there"
	mkdir "$there"
	cp "$here"/backends/jsonserver/package*.json "$there"
	npm ci --prefix "$there" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	cp "$there/package-lock.json" "$there/complete"
	echo "setup: made $there"
}

if [ $# -eq 0 ]; then
	set -- "${suites[@]}"
fi

missing=()
for suite in "$@"; do
	wanted=$(packages "$suite")
	for package in $wanted; do
		if ! installed "$package"; then
			missing+=("$package")
		fi
	done
done

if [ ${#missing[@]} -eq 0 ]; then
	echo "setup: no packages to install for: $*"
else
	if [ "$(id -u)" -ne 0 ]; then
		echo "setup: only root can install: ${missing[*]}" >&2
		exit 1
	fi
	if ! command -v apt-get >/dev/null; then
		echo "setup: this is no Debian; install by other means: ${missing[*]}" >&2
		exit 1
	fi
	keep_stopped
	apt_get update
	apt_get install --no-install-recommends "${missing[@]}"
	echo "setup: installed for $*: ${missing[*]}"
fi

for suite in "$@"; do
	case $suite in
	conformance | kubernetes) python_suites ;;
	jsonserver) node_suites ;;
	pocketbase)
		go -C "$(dirname "${BASH_SOURCE[0]}")/pocketbase" mod download
		echo "setup: fetched the modules of pocketbase"
		;;
	esac
done
