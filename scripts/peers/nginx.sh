# shellcheck shell=bash
# nginx for the parts of scripts/peers.sh, which reads this file: one worker on core 0, with all that it writes in a folder of
# its own.

# nginx_start DIR SITE: nginx with everything it writes in DIR, on core 0; sets $port, which is free, and $nginx. SITE is a
# function that prints the server blocks for $port; it may use the ports after it as well.
nginx_start() {
  local dir=$1 site=$2 i on=()
  [ "$(nproc)" = 1 ] || on=(taskset -c 0)
  mkdir -p "$dir"
  for _ in {1..20}; do
    port=$((20000 + RANDOM % 12000))
    (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && continue
    cat >"$dir/conf" <<CONF
worker_processes 1;
daemon off;
pid $dir/pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi; scgi_temp_path $dir/scgi;
$($site)
}
CONF
    "${on[@]}" nginx -p "$dir" -e stderr -c "$dir/conf" 2>"$dir/err" &
    nginx=$!
    for ((i = 0; i < 100; i++)); do
      (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && kill -0 $nginx 2>/dev/null && return
      kill -0 $nginx 2>/dev/null || break
      sleep 0.1
    done
  done
  echo "peers: nginx does not start: $(cat "$dir/err")"; return 1
}
