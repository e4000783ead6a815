#!/usr/bin/env bash
# Measures Tandem beside the tools people use today, on this machine, in one
# run: interleaved pairs, medians. Server on core 0, clients on core 1 (where
# there are two). Needs wget2, vipsthumbnail, nginx, rust-doc and the load
# generators, which it installs as root; Colly comes as a Go module of
# scripts/peers, bombardier and vegeta are built into scripts/peers/bin.
#
#   scripts/peers.sh [crawl|rustdoc|images|text|pool|all] [PAIRS]
#   scripts/peers.sh load [TABLE] [PAIRS]     the tables: scripts/peers/load.sh
set -euo pipefail
cd "$(dirname "$0")/.."
usage="usage: scripts/peers.sh [crawl|rustdoc|images|text|pool|all] [PAIRS] or scripts/peers.sh load [TABLE] [PAIRS]"
what=${1:-all} table=all
if [ "$what" = load ] && [[ ${2:-} =~ ^[a-z] ]]; then table=$2; shift; fi
pairs=${2:-${PAIRS:-5}}
tmp=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$tmp"' EXIT

packages() { # packages PACKAGE…: installs them where that is allowed; --no-install-recommends keeps rust-doc's toolchain out
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  # Nothing may start: nginx would take port 80. Exit code 101 of policy-rc.d says so.
  local policy=/usr/sbin/policy-rc.d ours=
  [ -e $policy ] || { ours=1; printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; }
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } || true
  [ -z "$ours" ] || rm -f $policy
}
need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null && return
  packages "$2"
  command -v "$1" >/dev/null || { echo "peers: $1 is missing: install the package $2"; return 1; }
}
pin() { if [ "$(nproc)" -gt 1 ]; then taskset -c "$@"; else shift; "$@"; fi; }

# server [taskset …]: serves the Go distribution; its URL is the first line of $tmp/url.
server() {
  : >"$tmp/url"
  (exec "$@" bin/fetch serve goroot >"$tmp/url" 2>/dev/null) &
  while [ ! -s "$tmp/url" ]; do sleep 0.1; done
}

# timed NAME COMMAND…: appends "wall user+sys" to $tmp/NAME.
timed() {
  local name=$1; shift
  local TIMEFORMAT='%R %U %S'
  { time "$@" >"$tmp/stdout" 2>"$tmp/stderr"; } 2>"$tmp/time" || true
  awk '{printf "%.3f %.3f\n", $1, $2+$3}' "$tmp/time" >>"$tmp/$name"
}
median() { sort -n | awk '{v[NR]=$1} END {print (NR%2) ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }
show() { # show NAME ITEMS
  local wall cpu
  wall=$(cut -d' ' -f1 "$tmp/$1" | median); cpu=$(cut -d' ' -f2 "$tmp/$1" | median)
  printf '%-28s %7d items  %8.2f s wall  %8.2f CPU-s  %9.1f items/CPU-s   raw CPU-s: %s\n' \
    "$1" "$2" "$wall" "$cpu" "$(echo "$2 $cpu" | awk '{print $1/$2}')" "$(cut -d' ' -f2 "$tmp/$1" | paste -sd' ')"
}

. scripts/peers/nginx.sh
. scripts/peers/rustdoc.sh
. scripts/peers/loadrun.sh
. scripts/peers/load.sh

crawl() {
  need wget2 wget2 || return 0
  echo "== pages per CPU-second: fetch crawl beside wget2 -r, /src/ of the Go distribution over loopback"
  server taskset -c 0
  local url; url=$(head -1 "$tmp/url")src/
  for ((i = 0; i < pairs; i++)); do
    rm -rf "$tmp/w" "$tmp/t" "$tmp/p"; mkdir "$tmp/w"
    timed wget2 pin 1 sh -c "cd $tmp/w && wget2 -q -r -l inf -np --max-threads=16 $url"
    find "$tmp/w" -type f | wc -l >"$tmp/wn"
    timed fetch-warc.gz pin 1 bin/fetch crawl "$url" --scope prefix --host-rate 0 --host-concurrency 16 --concurrency 64 -q -o "$tmp/t"
    grep -c . "$tmp"/t/archive/index.cdxj >"$tmp/tn"
  done
  show wget2 "$(cat "$tmp/wn")"; show fetch-warc.gz "$(cat "$tmp/tn")"
}

images() {
  need vipsthumbnail libvips-tools || return 0
  echo "== thumbnails per CPU-second: process --tasks images beside vipsthumbnail -s 256, the gallery of the demo site"
  echo "   (process also decodes every pixel for pHash, blurhash, colour and EXIF, and writes Parquet)"
  server
  need wget2 wget2 || return 0
  mkdir -p "$tmp/pics"
  wget2 -q -r -l inf -np -nd -P "$tmp/pics" "$(head -1 "$tmp/url")gallery/" || true
  find "$tmp/pics" -type f \( -name 'bomb.png' -o -name 'noise.jpg' -o ! -name '*.jpg' ! -name '*.png' ! -name '*.gif' \) -delete
  local n; n=$(find "$tmp/pics" -type f | wc -l)
  for ((i = 0; i < pairs; i++)); do
    rm -rf "$tmp/th" "$tmp/ds"; mkdir "$tmp/th"
    timed vipsthumbnail sh -c "vipsthumbnail -s 256 -o $tmp/th/%s.jpg $tmp/pics/*"
    timed process-images bin/process run "$tmp/pics" --tasks images -q -o "$tmp/ds"
    timed process-images-goroutines bin/process run "$tmp/pics" --tasks images --executor goroutines -q -o "$tmp/ds2"; rm -rf "$tmp/ds2"
  done
  show vipsthumbnail "$n"; show process-images "$n"; show process-images-goroutines "$n"
}

text() {
  echo "== documents per CPU-second: process --tasks text on the demo archive, by executor"
  bin/fetch crawl --config configs/demo.yaml --host-rate 0 -q -o "$tmp/demo" >/dev/null
  local n=0
  for ((i = 0; i < pairs; i++)); do
    for ex in processes goroutines serial; do
      rm -rf "$tmp/demo/dataset"
      timed "text-$ex" bin/process run "$tmp/demo" --tasks text --executor $ex -q
      n=$(grep -o '"documents": *[0-9]*' "$tmp/demo/dataset/process.json" | grep -o '[0-9]*' | head -1)
    done
  done
  for ex in processes goroutines serial; do show "text-$ex" "$n"; done
}

pool() {
  echo "== the worker pool: overhead per item, beside Python's pools, start of a worker, size of the programs"
  go test -run '^$' -bench 'Item|RoundTrip|Megabyte' -benchtime 1s -count 3 ./pipeline/procpool | grep -E '^(Benchmark|cpu)' || true
  go test -run '^$' -bench Peers ./pipeline/procpool | grep -vE '^(Benchmark|goos|goarch|pkg|PASS|ok)' || true
  for ((i = 0; i < pairs; i++)); do timed start bin/process tasks; done
  show start 1
  ls -l bin | awk 'NR>1 {print $9, $5, "bytes"}'
}

echo "machine: $(nproc) cores, $(awk -F': ' '/model name/{print $2; exit}' /proc/cpuinfo), $(go version | cut -d' ' -f3), commit $(git rev-parse --short HEAD)"
case $what in
  all) crawl; kill $(jobs -p) 2>/dev/null || true; rustdoc; images; kill $(jobs -p) 2>/dev/null || true; text; pool; load ;;
  crawl | rustdoc | images | text | pool | load) $what ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
