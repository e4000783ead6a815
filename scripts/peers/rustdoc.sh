# The rustdoc part of scripts/peers.sh, which reads this file: Debian's rust-doc behind nginx, crawled whole by wget2, Colly
# and fetch in turn (CLIENTS="wget2 fetch" leaves one out). Server on core 0, clients on core 1. What each stored is held against
# the pages that the files link to.
docs=/usr/share/doc/rust-doc/html
seed=/rust-doc/html/index.html

# rustdoc_needs says what is missing, after it tried to install it.
rustdoc_needs() {
  local p missing=()
  for p in rust-doc nginx-light wget2 time; do
    dpkg -s "$p" >/dev/null 2>&1 || missing+=("$p")
  done
  [ ${#missing[@]} = 0 ] && return
  packages "${missing[@]}"
  for p in "${missing[@]}"; do
    dpkg -s "$p" >/dev/null 2>&1 || { echo "peers: rustdoc is left out: the Debian package $p is missing (apt-get install --no-install-recommends $p)"; return 1; }
  done
}

rustdoc_site() { echo "  server { listen 127.0.0.1:$port; root ${docs%/rust-doc/html}; }"; }

# visit NAME KIND DIR COMMAND…: runs the command on core 1 and checks DIR, which it made anew; a line in $tmp/rustdoc/NAME.
visit() {
  local name=$1 kind=$2 dir=$3 counts; shift 3
  pin 1 /usr/bin/time -o "$tmp/time" -f '%e %U %S %M' timeout 1800 "$@" >"$tmp/stdout" 2>"$tmp/stderr" || true
  counts=$("$tmp/bin/closure" check "$tmp/want" "$kind" "$dir") || { counts="0 0 $(wc -l <"$tmp/want") 0 0"; tail -3 "$tmp/stderr"; }
  # files pages missing surplus wrong wall user+sys MiB
  echo "$counts $(tail -1 "$tmp/time" | awk '{print $1, $2+$3, $4/1024}')" >>"$tmp/rustdoc/$name"
  rm -rf "$dir"
}

column() { cut -d' ' -f"$2" "$tmp/rustdoc/$1"; }
tell() { # tell NAME: medians; of the checks, the worst round
  local pages cpu
  pages=$(column "$1" 2 | median) cpu=$(column "$1" 7 | median)
  printf '%-14s %6d pages %5d missing %3d surplus %3d wrong  %6d files  %7.2f CPU-s %7.0f pages/CPU-s  %7.2f s wall  %5.0f MiB   raw CPU-s: %s; wall: %s\n' \
    "$1" "$pages" "$(column "$1" 3 | sort -n | tail -1)" "$(column "$1" 4 | sort -n | tail -1)" "$(column "$1" 5 | sort -n | tail -1)" \
    "$(column "$1" 1 | median)" "$cpu" "$(echo "$pages $cpu" | awk '{print $1/$2}')" "$(column "$1" 6 | median)" "$(column "$1" 8 | median)" \
    "$(column "$1" 7 | paste -sd' ')" "$(column "$1" 6 | paste -sd' ')"
}

rustdoc() {
  rustdoc_needs || return 0
  mkdir -p "$tmp/bin" "$tmp/rustdoc"
  (cd scripts/peers && go build -o "$tmp/bin/" ./closure ./colly)
  "$tmp/bin/closure" expect "${docs%/rust-doc/html}" $seed >"$tmp/want"
  local port nginx url kinds=(gzip) c k i dir=$tmp/crawled clients=${CLIENTS:-wget2 fetch colly}
  nginx_start "$tmp/nginx" rustdoc_site || return 0
  url=http://127.0.0.1:$port$seed
  if bin/fetch crawl -h | grep -- --compress >/dev/null; then kinds=(gzip zstd none); else echo "   (this fetch has no --compress: gzip alone)"; fi
  echo "== a whole documentation: $(wc -l <"$tmp/want") HTML URLs of rust-doc $(dpkg-query -W -f '${Version}' rust-doc) behind nginx; load $(cut -d' ' -f1-3 /proc/loadavg)"
  cut -f1 "$tmp/want" | sed "s,?.*,,; s,^,${docs%/rust-doc/html}," | xargs cat >/dev/null # the server reads from memory
  local crawl=(bin/fetch crawl "$url" --scope prefix --host-rate 0 --host-concurrency 16 --concurrency 64 -q -o "$dir")
  for ((i = 0; i < pairs; i++)); do
    for c in $clients; do case $c in
      wget2) mkdir "$dir"; visit wget2 wget2 "$dir" env -C "$dir" wget2 -q -r -l inf --max-threads=16 -np "$url" ;;
      fetch) for k in "${kinds[@]}"; do
        if [ ${#kinds[@]} = 1 ]; then visit "fetch-$k" fetch "$dir" "${crawl[@]}"; else visit "fetch-$k" fetch "$dir" "${crawl[@]}" --compress "$k"; fi
      done ;;
      colly) mkdir "$dir"; visit colly colly "$dir" "$tmp/bin/colly" "$url" "$dir"; echo "   colly: $(tail -1 "$tmp/stdout")" ;;
    esac; done
  done
  kill $nginx; wait $nginx 2>/dev/null || true
  for k in wget2 "${kinds[@]/#/fetch-}" colly; do [ ! -s "$tmp/rustdoc/$k" ] || tell "$k"; done
  echo "   (pages are those stored right, of the closure; load $(cut -d' ' -f1-3 /proc/loadavg))"
}
