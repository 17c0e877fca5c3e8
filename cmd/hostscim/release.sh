#!/bin/sh
# Builds the binary as it is shipped: static, and the same to the byte wherever
# it is built of the same source, version and commit, with the same Go.
#
#   cmd/hostscim/release.sh FILE
#
# VERSION and COMMIT are what "hostscim version" prints. Where they are not set,
# git tells them; without git, VERSION is "devel". GOOS and GOARCH choose another
# system.
set -eu
if [ $# -ne 1 ]; then
	echo "release: usage: cmd/hostscim/release.sh FILE" >&2
	exit 2
fi
case $1 in
/*) out=$1 ;;
*) out=$PWD/$1 ;;
esac
cd "$(dirname "$0")/../.."

version=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo devel)}
commit=${COMMIT:-$(git rev-parse HEAD 2>/dev/null || true)}

# Nothing of the machine: neither its paths (-trimpath) and C libraries, nor
# what its environment would have the compiler do.
unset GOEXPERIMENT GODEBUG GO386 GOARM GOARM64 GOAMD64
export CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off
exec go build -trimpath -buildvcs=false \
	-ldflags "-s -w -buildid= -X main.release=$version -X main.commit=$commit" \
	-o "$out" ./cmd/hostscim
