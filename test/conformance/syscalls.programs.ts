/** Packages of the Debian root whose programs are traced. */
export const PACKAGES: readonly string[] = [
  'nginx-light',
  'redis-server',
  'haproxy',
  'lighttpd',
  'memcached',
  'sqlite3',
  'python3-minimal',
  'perl',
  'git',
  'curl',
  'openssl',
  'wget',
  'file',
  'bc',
  'gawk',
  'xz-utils',
  'bzip2',
  'zstd',
  'less',
  'procps',
  'busybox-static',
  'make',
  'rsync',
  'jq',
  'iproute2',
  'patch',
  'cpio',
  'zip',
  'ncat',
  'socat',
  'lua5.4',
  'ruby',
  'nodejs',
  'ripgrep',
  'fd-find',
];

/** One workload: a shell script that is run in the root, and the program whose calls are compared. */
export interface Workload {
  readonly program: string;
  readonly script: string;
}

const run = (program: string, script: string): Workload => ({ program, script });

export const PROGRAMS: readonly Workload[] = [
  run('true', '/usr/bin/true'),
  run('ls', 'ls -laR --color=always /etc; ls /none'),
  run('cat', 'cat /etc/passwd /none; echo x | cat - /etc/hostname'),
  run('cp', 'cp -a /etc/default /tmp/d; cp --reflink=auto /etc/passwd /tmp/p; cp -r /etc/none /tmp'),
  run('mv', 'touch /tmp/a; mv /tmp/a /tmp/b; mv -n /tmp/b /tmp/c; mv /tmp/c /dev/shm/c'),
  run('rm', 'mkdir -p /tmp/r/s; touch /tmp/r/s/t; rm -rf /tmp/r /tmp/none'),
  run('mkdir', 'mkdir -m 700 -p /tmp/m/n/o'),
  run('sort', 'sort -u /etc/passwd; seq 200000 | sort -S 1M --parallel=2 > /tmp/sorted'),
  run('date', 'date; date -d tomorrow +%s; date -r /etc/passwd'),
  run('id', 'id; id root; id none'),
  run('dd', 'dd if=/dev/zero of=/tmp/dd bs=4k count=8 conv=fsync'),
  run('head', 'head -c 100 /etc/services'),
  run('tail', 'tail -n 3 /etc/services; timeout 1 tail -f /etc/passwd'),
  run('wc', 'wc /etc/services'),
  run('stat', 'stat /etc/passwd; stat -f /'),
  run('touch', 'touch -d yesterday /tmp/t'),
  run('ln', 'ln -sf /etc/passwd /tmp/l; touch /tmp/h; ln -f /tmp/h /tmp/h2'),
  run('df', 'df -h'),
  run('du', 'du -sh /etc'),
  run('timeout', 'timeout 1 sleep 3'),
  run('env', 'env A=1 true'),
  run('sleep', 'sleep 0.1'),
  run('mktemp', 'mktemp -d'),
  run('tar', 'tar czf /tmp/x.tgz /etc/default; mkdir -p /tmp/x; tar xzf /tmp/x.tgz -C /tmp/x; tar tf /tmp/x.tgz'),
  run('gzip', 'cp /etc/services /tmp/s; gzip -kf /tmp/s; gzip -dc /tmp/s.gz'),
  run('xz', 'cp /etc/services /tmp/s1; xz -T2 -kf /tmp/s1; xz -dc /tmp/s1.xz'),
  run('zstd', 'zstd -T2 -f /etc/services -o /tmp/s.zst; zstd -dc /tmp/s.zst'),
  run('grep', 'grep -r root /etc/default; grep -c root /etc/passwd; echo a | grep -q a'),
  run('sed', 'cp /etc/passwd /tmp/sed; sed -i s/root/toor/ /tmp/sed; sed -n 1p /tmp/sed'),
  run('find', 'find /etc -name "*.conf" -newer /etc/passwd -exec true {} +; find /tmp -delete -name none'),
  run('gawk', 'gawk "BEGIN { \\"date\\" | getline d; print d; print rand() }"; gawk -F: "{print \\$1}" /etc/passwd'),
  run(
    'bash',
    'bash -c "for i in 1 2; do echo \\$i; done; ls | cat; (sleep 0.1 &) ; wait; cd /tmp; read x < /etc/passwd"',
  ),
  run('dash', 'dash -c "echo a | cat; cd /; umask; trap : TERM; kill -TERM \\$\\$"'),
  run(
    'perl',
    'perl -e "print 1; system(q(true)); opendir(D,q(/)); print readdir D; print time; sleep 1; mkdir q(/tmp/pl)"',
  ),
  run(
    'python3.11',
    "python3 -c \"import os, sys, subprocess, threading, socket, json; print(os.listdir('/')); subprocess.run(['true']); threading.Thread(target=print).start(); s = socket.socket(); s.bind(('127.0.0.1', 0))\"",
  ),
  run('ruby3.1', 'ruby -e "puts Dir.entries(%q(/)).size; system(%q(true)); Thread.new { puts 1 }.join"'),
  run('lua5.4', 'lua5.4 -e "print(os.time()); io.popen([[true]]):close(); os.execute([[true]])"'),
  run(
    'node',
    "node -e \"require('fs').readdir('/', console.log); require('child_process').execFileSync('true'); setTimeout(() => {}, 50)\"",
  ),
  run(
    'git',
    'cd /tmp; rm -rf g; git init -q g; cd g; echo 1 > a; git add a; git -c user.name=a -c user.email=a@b commit -qm m; git log; git status; git gc -q',
  ),
  run('curl', 'curl -s file:///etc/passwd; curl -s -m 2 http://127.0.0.1:9/; curl --version'),
  run('wget', 'wget -q -T 1 -t 1 -O /dev/null http://127.0.0.1:9/'),
  run('openssl', 'openssl rand -hex 8; openssl genrsa -out /tmp/k 2048; openssl dgst -sha256 /etc/passwd'),
  run('file', 'file /bin/ls /etc/passwd'),
  run('bc', 'echo 2^100 | bc'),
  run('jq', 'echo "{}" | jq .'),
  run('rsync', 'rsync -a /etc/default /tmp/rs'),
  run('make', 'cd /tmp; printf "a:\\n\\ttouch a\\n" > Makefile; make -s -j2 a'),
  run('patch', 'cd /tmp; echo 1 > pf; printf -- "--- pf\\n+++ pf\\n@@ -1 +1 @@\\n-1\\n+2\\n" | patch -s pf'),
  run('cpio', 'cd /etc; ls default/* | cpio -o > /tmp/c.cpio; cd /tmp; cpio -idu < /tmp/c.cpio'),
  run('ps', 'ps aux'),
  run('top', 'TERM=dumb top -b -n 1'),
  run('ip', 'ip addr; ip route'),
  run('busybox', 'busybox ls -l /; busybox wc /etc/passwd; busybox sleep 0'),
  run('socat', 'echo hi | socat - TCP-LISTEN:8099,reuseaddr & sleep 1; socat -u TCP:127.0.0.1:8099 -'),
  run('rg', 'rg root /etc'),
  run('fdfind', 'fdfind passwd /etc'),
];

const NGINX = `worker_processes 2; daemon off; pid /tmp/ng/pid; error_log /tmp/ng/err.log; events {}
http { access_log /tmp/ng/acc.log; sendfile on; client_body_temp_path /tmp/ng/b; proxy_temp_path /tmp/ng/p;
fastcgi_temp_path /tmp/ng/f; uwsgi_temp_path /tmp/ng/u; scgi_temp_path /tmp/ng/s; proxy_cache_path /tmp/ng/cache keys_zone=z:1m;
server { listen 127.0.0.1:8081; root /tmp/ng/html; location /px { proxy_cache z; proxy_pass http://127.0.0.1:8081/; }
location /st { autoindex on; alias /tmp/; } } }`;

const LIGHTTPD = `server.modules = ("mod_access","mod_accesslog","mod_dirlisting","mod_staticfile","mod_cgi")
server.document-root = "/tmp/lt"
server.port = 8083
server.bind = "127.0.0.1"
server.errorlog = "/tmp/lt/err"
accesslog.filename = "/tmp/lt/acc"
server.upload-dirs = ("/tmp/lt")
dir-listing.activate = "enable"`;

const HAPROXY = `global
 stats socket /tmp/hp/sock mode 600
defaults
 mode http
 timeout connect 1s
 timeout client 2s
 timeout server 2s
frontend f
 bind 127.0.0.1:8084
 default_backend b
backend b
 server s1 127.0.0.1:8085 check
`;

const fetch = (port: number, ...paths: readonly string[]): string =>
  paths.map((path) => `curl -s -m 5 -o /dev/null http://127.0.0.1:${port}${path}`).join('; ');

/** The six servers by which others measure, each under a small load. */
export const SERVERS: readonly Workload[] = [
  run(
    'nginx',
    `mkdir -p /tmp/ng/html; echo hello > /tmp/ng/html/index.html; head -c 4000000 /dev/urandom > /tmp/ng/html/big
printf '%s\\n' '${NGINX}' > /tmp/ng/c.conf; nginx -c /tmp/ng/c.conf & P=$!; sleep 2
${fetch(8081, '/', '/big', '/px', '/none', '/st/')}; curl -s -o /dev/null -d @/etc/services http://127.0.0.1:8081/
kill -HUP $P; sleep 2; kill -USR1 $P; sleep 1; ${fetch(8081, '/')}; kill -QUIT $P; wait $P`,
  ),
  run(
    'redis-server',
    `mkdir -p /tmp/rd; redis-server --port 6399 --dir /tmp/rd --appendonly yes --save 1 1 --unixsocket /tmp/rd/s & P=$!
sleep 2; for i in 1 2 3; do redis-cli -p 6399 set k$i v$i; done; redis-cli -p 6399 bgsave; redis-cli -p 6399 bgrewriteaof
redis-cli -p 6399 config set maxmemory 100mb; redis-cli -p 6399 info; sleep 3; redis-cli -p 6399 shutdown; wait $P`,
  ),
  run(
    'memcached',
    `memcached -u root -l 127.0.0.1 -p 11299 -m 8 & P=$!; sleep 1
printf 'set a 0 0 1\\r\\n1\\r\\nget a\\r\\nstats\\r\\nquit\\r\\n' | ncat 127.0.0.1 11299; sleep 1; kill -TERM $P; wait $P`,
  ),
  run(
    'lighttpd',
    `mkdir -p /tmp/lt/d; echo hi > /tmp/lt/index.html; head -c 2000000 /dev/urandom > /tmp/lt/big
printf '%s\\n' '${LIGHTTPD}' > /tmp/lt/c.conf; lighttpd -D -f /tmp/lt/c.conf & P=$!; sleep 2
${fetch(8083, '/', '/big', '/d/', '/none')}; kill -HUP $P; sleep 1; ${fetch(8083, '/')}; kill -INT $P; wait $P`,
  ),
  run(
    'haproxy',
    `mkdir -p /tmp/hp; printf '%s\\n' '${HAPROXY}' > /tmp/hp/c
(for i in 1 2 3 4 5 6; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhi' | timeout 2 ncat -l 127.0.0.1 8085; done) &
haproxy -W -f /tmp/hp/c & P=$!; sleep 2; ${fetch(8084, '/', '/', '/')}; kill -USR2 $P; sleep 2; ${fetch(8084, '/')}
kill -TERM $P; wait $P`,
  ),
  run(
    'sqlite3',
    `sqlite3 /tmp/sq.db "pragma journal_mode=wal; create table a(b,c); insert into a values(1,2); create index i on a(b);
select * from a order by c; vacuum;"; printf 'pragma journal_mode=delete;\\nbegin; insert into a values(3,4);\\ncommit;\\n.backup /tmp/sq2.db\\n.dump\\n.shell true\\n.import /etc/passwd t\\n.quit\\n' | sqlite3 /tmp/sq.db`,
  ),
];
