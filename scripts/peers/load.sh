# shellcheck shell=bash disable=SC2154 # $tmp, $table and $usage are of scripts/peers.sh
# The load part of scripts/peers.sh, which reads this file: `fetch load` beside wrk, ab, hey, h2load, bombardier and vegeta. The
# server is on core 0, the clients are on core 1 in turn, each for the same time; what counts is requests per client CPU-second,
# as requests per second is what the server can do.
#
#   scripts/peers.sh load [responder|nginx|pipeline|tls|paced|http2|memory|all] [PAIRS]
#   PAIRS=5 SECONDS_EACH=4 CONNECTIONS=64 RATE=10000 MANY=10000
seconds=${SECONDS_EACH:-4} connections=${CONNECTIONS:-64} rate=${RATE:-10000} many=${MANY:-10000}

load() {
  local t
  load_needs || { echo "peers: load is left out"; return 0; }
  case $table in
    all) for t in responder nginx pipeline tls paced http2 memory; do "load_$t"; done ;;
    responder | nginx | pipeline | tls | paced | http2 | memory) "load_$table" ;;
    *) echo "$usage; TABLE is responder, nginx, pipeline, tls, paced, http2, memory or all" >&2; exit 2 ;;
  esac
}

# responder_start: the light responder on core 0; sets $responder and $url.
responder_start() {
  local on=() i
  [ "$(nproc)" = 1 ] || on=(taskset -c 0)
  : >"$tmp/load/url"
  "${on[@]}" "$tmp/load/responder" >"$tmp/load/url" 2>"$tmp/load/counts" &
  responder=$!
  for ((i = 0; i < 100; i++)); do [ -s "$tmp/load/url" ] && break; sleep 0.1; done
  url=$(cat "$tmp/load/url")
  [ -n "$url" ] || { echo "peers: the responder does not start: $(cat "$tmp/load/counts")"; return 1; }
}
responder_stop() { kill "$responder"; wait "$responder" 2>/dev/null || true; responder=; }

# load_site: HTTP/1.1 at $port, over TLS 1.3 at the next, HTTP/2 over TLS after that, h2c after that. One suite, so that all
# clients encrypt alike. The body is the responder's.
load_site() {
  cat <<CONF
  default_type text/plain;
  ssl_certificate $tmp/load/cert.pem;
  ssl_certificate_key $tmp/load/key.pem;
  ssl_protocols TLSv1.3;
  ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
  server {
    listen 127.0.0.1:$port;
    listen 127.0.0.1:$((port + 1)) ssl;
    listen 127.0.0.1:$((port + 2)) ssl http2;
    listen 127.0.0.1:$((port + 3)) http2;
    location / { return 200 "Hello, world!"; }
  }
CONF
}
load_nginx_start() {
  [ -e "$tmp/load/cert.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$tmp/load/key.pem" -out "$tmp/load/cert.pem" 2>/dev/null
  nginx_start "$tmp/nginx-load" load_site
}
nginx_stop() { kill "$nginx"; wait "$nginx" 2>/dev/null || true; }

# The clients. Each takes the URL and further arguments of its own.
with_wrk() { row "$1" wrk wrk -t1 "-c$connections" "-d${seconds}s" "${@:3}" "$2"; }
with_fetch() { row "$1" fetch bin/fetch load "$2" -c "$connections" -d "${seconds}s" -q --json "${@:3}"; }
with_hey() { row "$1" hey hey -z "${seconds}s" -c "$connections" "${@:3}" "$2"; }
with_ab() { row "$1" ab ab -q -k -c "$connections" -t "$seconds" -n $((seconds * 500000)) "${@:3}" "$2"; } # -n after -t, which sets 50,000
with_bombardier() { row "$1" bombardier scripts/peers/bin/bombardier -c "$connections" -d "${seconds}s" -p r -o json "${@:3}" "$2"; }
with_h2load() { row "$1" h2load h2load -t 1 -c "$connections" -D "$seconds" "${@:3}" "$2"; }
with_vegeta() { # vegeta's report is made after it was measured
  echo "GET $2" >"$tmp/load/targets"
  row "$1" vegeta scripts/peers/bin/vegeta attack -targets "$tmp/load/targets" -output "$tmp/load/vegeta.bin" -duration "${seconds}s" \
    -connections "$connections" -workers "$connections" -max-workers "$connections" "${@:3}"
}
fetch_engines() { # fetch_engines URL ARGUMENT…: a row for each engine of HTTP/1.1
  with_fetch "fetch auto" "$@"; with_fetch "fetch fast" "$@" --engine fast; with_fetch "fetch fasthttp" "$@" --engine fasthttp
}

closed() { # closed URL: the rows of a closed loop
  begin wrk bombardier
  with_wrk wrk "$1"; fetch_engines "$1"; with_bombardier bombardier "$1"; with_hey hey "$1"; with_ab "ab -k" "$1"
  with_vegeta vegeta "$1" -rate 0
}

load_responder() {
  local url; responder_start || return 0
  closed "$url"
  rounds "responder: a closed loop on the light responder, $connections connections"
  responder_stop
}

load_nginx() {
  local port nginx; load_nginx_start || return 0
  closed "http://127.0.0.1:$port/"
  rounds "nginx: a closed loop on nginx, one worker, $connections connections"
  nginx_stop
}

load_pipeline() {
  local url; responder_start || return 0
  cat >"$tmp/load/pipeline.lua" <<'LUA'
local sixteen
init = function(args) sixteen = string.rep(wrk.format(), 16) end
request = function() return sixteen end
LUA
  begin wrk
  with_wrk wrk "$url" -s "$tmp/load/pipeline.lua"
  with_fetch "fetch --pipeline 16" "$url" --pipeline 16
  rounds "pipeline: 16 requests in flight on each of $connections connections, the light responder"
  responder_stop
}

load_tls() {
  local port nginx url; load_nginx_start || return 0
  url=https://127.0.0.1:$((port + 1))/
  begin wrk bombardier hey
  with_wrk wrk "$url"; with_fetch "fetch auto" "$url" --tls-insecure; with_fetch "fetch fasthttp" "$url" --tls-insecure --engine fasthttp
  with_bombardier bombardier "$url" --insecure; with_hey hey "$url"; with_vegeta vegeta "$url" -rate 0 -insecure -http2=false
  rounds "tls: a closed loop over TLS 1.3 (AES-128-GCM, P-256) on nginx, $connections connections"
  nginx_stop
}

load_paced() {
  local url; responder_start || return 0
  begin vegeta
  fetch_engines "$url" -r "$rate/s"
  with_vegeta vegeta "$url" -rate "$rate"
  with_bombardier bombardier "$url" -r "$rate"
  rounds "paced: $rate requests a second on the light responder, at most $connections connections"
  responder_stop
}

load_http2() {
  local port nginx m way url; load_nginx_start || return 0
  for way in "TLS https $((port + 2)) --tls-insecure" "h2c http $((port + 3))"; do
    read -r -a way <<<"$way"
    url=${way[1]}://127.0.0.1:${way[2]}/
    for m in 1 10; do
      begin h2load
      with_h2load h2load "$url" -m "$m"
      with_fetch "fetch --engine http2" "$url" --engine http2 --streams "$m" "${way[@]:3}"
      rounds "http2: HTTP/2 over ${way[0]} on nginx, $connections connections with $m streams"
    done
  done
  nginx_stop
}

load_memory() {
  local url connections=$many
  [ "$(ulimit -n)" -gt $((many + 100)) ] || { echo "   memory is left out: $(ulimit -n) open files are allowed, $many connections need more (ulimit -n)"; return 0; }
  responder_start || return 0
  begin wrk
  with_wrk wrk "$url"; fetch_engines "$url"; with_bombardier bombardier "$url"
  rounds "memory: a closed loop on the light responder, $connections connections; MiB is the peak RSS"
  responder_stop
}
