# shellcheck shell=bash disable=SC2154 # $tmp, $pairs and $seconds are of the files that read this one
# How the load part of scripts/peers.sh, which reads this file, installs the clients, runs them in turn, reads what they say, and
# prints a table. The tables themselves are in load.sh.

# load_needs installs the clients; $absent lists those that could not be had, whose rows are left out.
# Two that are named often are not here: k6, for its licence (AGPL), and wrk2, which is neither a Debian package nor a Go module.
load_needs() {
  absent=
  [ -x bin/fetch ] || { echo "peers: bin/fetch is missing: make build"; return 1; }
  need wrk wrk || absent+=" wrk"
  need ab apache2-utils || absent+=" ab"
  need hey hey || absent+=" hey"
  need h2load nghttp2-client || absent+=" h2load"
  go_peer github.com/codesenberg/bombardier v1.2.6 || absent+=" bombardier"
  go_peer github.com/tsenart/vegeta/v12 v12.13.0 || absent+=" vegeta"
  need /usr/bin/time time && need gcc gcc && need nginx nginx-light && need openssl openssl || return 1
  mkdir -p "$tmp/load"
  gcc -O2 -Wall -o "$tmp/load/responder" scripts/peers/responder/responder.c || { echo "peers: the responder does not build: gcc and libc6-dev are needed"; return 1; }
  ulimit -n "$(ulimit -Hn)"
}

# go_peer MODULE VERSION: the program of that very version in scripts/peers/bin, which Git ignores, built once. Go checks the
# sources against its checksum database.
go_peer() {
  local program; program=$(basename "${1%/v[0-9]*}")
  go version -m "scripts/peers/bin/$program" 2>/dev/null | grep -qE "^\s+mod\s+$1\s+$2\s" && return
  GOBIN=$PWD/scripts/peers/bin go install "$1@$2" || { echo "peers: $program is missing: go install $1@$2 failed"; return 1; }
}

# begin BASE…: a new table without rows. Each row is held against the rows named BASE.
begin() { names=() kinds=() commands=() bases=("$@"); rm -rf "$tmp/load/rows"; mkdir -p "$tmp/load/rows"; }

# row NAME KIND COMMAND…: a further row; KIND says who speaks: wrk, ab, hey, h2load, bombardier, vegeta or fetch.
row() {
  local command
  [[ " $absent " != *" $2 "* ]] || return 0
  printf -v command '%q ' "${@:3}"
  names+=("$1") kinds+=("$2") commands+=("$command")
}

# said KIND: what the client printed, as "requests failed lateness": answers it counts as good, the others and errors, and the
# 99th percentile of lateness in ms; fetch also says its engine and its verdict. Nothing if it printed no result.
said() {
  local out=$tmp/stdout
  case $1 in
    wrk) awk '/ requests in /{n=$1} /Non-2xx/{bad=$NF} /Socket errors/{gsub(/[^0-9 ]/, ""); bad+=$1+$2+$3+$4}
      END {if (n != "") print n-bad, bad+0, "-"}' "$out" ;;
    ab) awk '/^Complete requests:/{n=$3} /^(Failed requests|Non-2xx responses):/{bad+=$3} END {if (n != "") print n-bad, bad+0, "-"}' "$out" ;;
    hey) awk '/^Status code distribution/{part=1} /^Error distribution/{part=2} /^ *\[[0-9]+\]/{gsub(/[][]/, "")
      if (part == 1 && $1 == 200) n=$2; else if (part == 1) bad+=$2; else if (part == 2) bad+=$1} END {if (n+bad > 0) print n+0, bad+0, "-"}' "$out" ;;
    h2load) awk '/^requests:/{n=$8; bad=$10} END {if (n != "") print n, bad, "-"}' "$out" ;;
    bombardier) flat | sed -nE 's/.*"req1xx":([0-9]+),"req2xx":([0-9]+),"req3xx":([0-9]+),"req4xx":([0-9]+),"req5xx":([0-9]+),"others":([0-9]+).*/\1 \2 \3 \4 \5 \6/p' |
      awk '{print $2, $1+$3+$4+$5+$6, "-"}' ;;
    vegeta) scripts/peers/bin/vegeta report -type json "$tmp/load/vegeta.bin" 2>/dev/null >"$out" || true
      flat | sed -nE 's/.*"requests":([0-9]+).*"status_codes":\{([^}]*"200":([0-9]+))?.*/\1 \3/p' | awk '{print $2+0, $1-$2, "-"}' ;;
    fetch) local all good late=-
      all=$(value completed requests) good=$(value 200 status)
      [ "$(value loop)" != open ] || late=$(value p99 lateness_ms)
      [ -z "$all" ] || echo "${good:-0} $(($(value failed requests) + all - ${good:-0})) $late $(value engine),$(value verdict client)" ;;
  esac
}
flat() { tr -d ' \n\t' <"$tmp/stdout"; }

# value KEY [IN]: what the summary of fetch, which is indented by two, says of a key at the top or in an object at the top.
value() {
  awk -v key="\"$1\":" -v object="${2:+\"$2\":}" '
    /^  "/ {within = $1 == object && $2 == "{"}
    $1 == key && (object == "" ? /^  "/ : within && /^    "/) {gsub(/[",]/, "", $2); print $2; exit}' "$tmp/stdout"
}

# counted: what the responder answered since it was asked last, and the most connections at once; "- -" for another server.
counted() {
  local seen i
  [ -n "${responder:-}" ] || { echo "- -"; return; }
  seen=$(wc -l <"$tmp/load/counts")
  kill -USR1 "$responder"
  for ((i = 0; i < 100; i++)); do
    [ "$(wc -l <"$tmp/load/counts")" -gt "$seen" ] && break
    sleep 0.02
  done
  tail -1 "$tmp/load/counts" | awk '{print $4, $8}'
}

# busy: the CPU time that the server has taken, in s: the responder's, or nginx's and its worker's.
busy() {
  local of=${responder:-${nginx:-}}
  { cat /proc/[0-9]*/stat 2>/dev/null || true; } | # processes end while they are read
    awk -v of="$of" -v tick="$(getconf CLK_TCK)" '{sub(/\(.*\) /, "")} $1 == of || $3 == of {n += $13 + $14} END {print n/tick}'
}

# measure I: runs row I once, on core 1; a line "requests failed CPU-s wall-s server-CPU-s RSS-MiB lateness answered peak note" of its
# file.
measure() {
  local TIMEFORMAT='%R %U %S' result good failed late note cpu wall command server
  eval "command=(${commands[$1]})"
  counted >/dev/null # starts its count anew
  server=$(busy)
  { time pin 1 /usr/bin/time -q -o "$tmp/rss" -f %M timeout $((5 * seconds + 30)) "${command[@]}" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null; } 2>"$tmp/time" || true
  read -r wall cpu < <(awk '{print $1, $2+$3}' "$tmp/time")
  server=$(awk -v a="$server" -v b="$(busy)" 'BEGIN {print b-a}')
  result=$(said "${kinds[$1]}")
  if [ -z "$result" ]; then
    echo "   ${names[$1]} is left out: $(grep -m1 . "$tmp/stderr" || echo "it printed no result")"
    commands[$1]=
    return
  fi
  read -r good failed late note <<<"$result"
  echo "$good $failed $cpu $wall $server $(awk 'END {print $1/1024}' "$tmp/rss") $late $(counted) ${note:--}" >>"$tmp/load/rows/${names[$1]}"
}

# rounds TITLE: every row once a round, in turn, and then the table.
rounds() {
  local i j
  echo "== load, $1; $pairs rounds of $seconds s in turn; load $(cut -d' ' -f1-3 /proc/loadavg)"
  for ((i = 0; i < pairs; i++)); do
    for j in "${!names[@]}"; do [ -z "${commands[$j]}" ] || measure "$j"; done
  done
  printf '%-24s %9s %7s %7s %6s %6s %12s %8s %8s %6s %8s %7s' client requests failed CPU-s client server req/CPU-s us/req req/s MiB late-p99 server+
  printf ' %13s' "${bases[@]/#/x }"
  echo '  raw req/CPU-s; raw CPU-s'
  for j in "${!names[@]}"; do [ ! -s "$tmp/load/rows/${names[$j]}" ] || line "${names[$j]}"; done
  echo "   (medians; client, server: how busy its core was; x is the median of the rounds' ratios of req/CPU-s; server+: answers of the server beyond those that the client counts, the worst round; load $(cut -d' ' -f1-3 /proc/loadavg))"
}

line() { # line NAME: its row of the table, printed
  local files=() b
  for b in "${bases[@]}"; do files+=("$tmp/load/rows/$b"); [ -e "$tmp/load/rows/$b" ] || : >"$tmp/load/rows/$b"; done
  awk -v name="$1" -v nbases=${#bases[@]} '
    function median(v, n,  i, j, t) {
      if (n == 0) return 0
      for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j-1] > v[j]; j--) { t = v[j]; v[j] = v[j-1]; v[j-1] = t }
      return n % 2 ? v[(n+1)/2] : (v[n/2] + v[n/2+1]) / 2
    }
    FNR == 1 { file = FILENAME; while (ARGV[++at] != file); }
    at <= nbases { base[at, FNR] = $1 / $3; rows[at] = FNR; next }
    { n++; per[n] = $1/$3; raw = raw sprintf(" %.0f", $1/$3); cpus = cpus " " $3
      done[n] = $1; failed[n] = $2; cpu[n] = $3; core[n] = 100*$3/$4; rate[n] = $1/$4; server[n] = 100*$5/$4; rss[n] = $6
      if ($7 != "-") late[++nl] = $7
      if ($8 != "-") { d = $8-$1; if (!counts++ || d*d > more*more) more = d }
      if ($9 != "-" && $9 > peak) peak = $9
      if ($10 != "-" && !index(notes, $10)) notes = notes "; " $10 }
    END {
      for (b = 1; b <= nbases; b++) {
        m = 0
        for (i = 1; i <= n && i <= rows[b]; i++) if (base[b, i] > 0) ratio[++m] = per[i] / base[b, i]
        times = times sprintf(" %13s", m ? sprintf("%.2f", median(ratio, m)) : "-")
      }
      typical = median(per, n)
      printf "%-24s %9d %7d %7.2f %5.0f%% %5.0f%% %12.0f %8.2f %8.0f %6.0f %8s %7s%s %s;%s%s%s\n", name, median(done, n), median(failed, n), median(cpu, n),
        median(core, n), median(server, n), typical, typical ? 1e6/typical : 0, median(rate, n), median(rss, n), nl ? sprintf("%.3f", median(late, nl)) : "-",
        counts ? more : "-", times, raw, cpus, peak ? "; connections at once: " peak : "", notes
    }' "${files[@]}" "$tmp/load/rows/$1"
}
