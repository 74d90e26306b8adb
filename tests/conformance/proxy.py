"""nginx before `xianzhi serve`, with the configuration that docs/serve.md gives, over TLS.

usage: proxy.py XIANZHI ARCHIVE WORK-FOLDER; needs nginx and openssl.
The example is taken out of the page; only ports and certificate files are replaced.
"""

import gzip
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time

MAIN, REPLAY = "archive.example", "replay.archive.example"
failures = 0


def check(good, what):
    global failures
    if not good:
        failures += 1
        print(f"proxy: FAILED: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def example():
    with open("docs/serve.md", encoding="utf-8") as f:
        return re.search(r"```nginx\n(.*?)```", f.read(), re.S).group(1)


def configure(work, tls, main, replay):
    text = example()
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{tls} ssl;"),
        ("/etc/ssl/archive.pem", f"{work}/cert.pem"),
        ("/etc/ssl/archive.key", f"{work}/key.pem"),
        ("http://127.0.0.1:8765", f"http://127.0.0.1:{main}"),
        ("http://127.0.0.1:8766", f"http://127.0.0.1:{replay}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    folders = "".join(
        f"  {kind}_temp_path {work}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    with open(f"{work}/nginx.conf", "w", encoding="utf-8") as f:
        f.write(
            f"daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/error.log;\n"
            f"events {{ worker_connections 256; }}\nhttp {{\n  access_log off;\n{folders}{text}}}\n"
        )


def ask(port, host, target, method="GET", **headers):
    """Status, headers with lower-case names, body; the certificate is checked against the host."""
    context = ssl.create_default_context(cafile="cert.pem")
    raw = socket.create_connection(("127.0.0.1", port), timeout=60)
    c = http.client.HTTPSConnection(host, timeout=60)
    c.sock = context.wrap_socket(raw, server_hostname=host)
    c.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        c.putheader(name.replace("_", "-"), value)
    c.endheaders()
    r = c.getresponse()
    body = r.read()
    c.close()
    return r.status, {k.lower(): v for k, v in r.getheaders()}, body


def judge(port, xianzhi, archive):
    base = f"https://{MAIN}"
    status, head, page = ask(port, MAIN, "/")
    check(status == 200 and b"</html>" in page, "the overview")
    check(f"frame-src https://{REPLAY}" in head["content-security-policy"], "the replay origin as readers see it")
    status, head, packed = ask(port, MAIN, "/documents", Accept_Encoding="gzip")
    check(head.get("content-encoding") == "gzip" and b"</html>" in gzip.decompress(packed), "compressed pages")
    check(ask(port, MAIN, "/documents", Accept_Encoding="gzip", If_None_Match=head["etag"])[0] == 304, "validators")
    check(ask(port, MAIN, "/documents", "POST")[0] == 405, "methods")
    status, head, part = ask(port, MAIN, "/static/style.css", Range="bytes=0-9")
    check(status == 206 and len(part) == 10, "ranges")
    long = "/documents?host=" + "a" * 12000
    check(ask(port, MAIN, long)[0] == 200, "addresses that are long, but not too long")
    command = subprocess.run([xianzhi, "export", archive], capture_output=True, check=True).stdout
    status, head, rows = ask(port, MAIN, "/export/documents.csv")
    check(status == 200 and rows == command, "an export as the command writes it")
    listed = json.loads(ask(port, MAIN, "/api/documents?limit=1")[2])
    url = listed["rows"][0]["url"]
    status, head, text = ask(port, MAIN, f"/timemap/link/{url}")
    check(status == 200 and f"<{base}/timegate/{url}>".encode() in text, "Memento links as readers follow them")
    status, head, text = ask(port, MAIN, f"/timegate/{url}")
    check(status == 302 and head["location"].startswith(f"{base}/replay/"), "a TimeGate's redirect")
    status, head, text = ask(port, REPLAY, "/robots.txt")
    check(status == 200, "the replay origin")
    check(ask(port, REPLAY, "/documents")[0] == 404, "that the replay origin has no pages of ours")


def stop(process):
    process.terminate()
    return process.wait(30)


def main():
    xianzhi, archive, work = (os.path.abspath(p) for p in sys.argv[1:4])
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    names = f"subjectAltName=DNS:{MAIN},DNS:{REPLAY}"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={MAIN}"]
        + ["-addext", names, "-keyout", f"{work}/key.pem", "-out", f"{work}/cert.pem"],
        check=True,
        capture_output=True,
    )
    server = subprocess.Popen(
        [xianzhi, "serve", archive, "--listen", "127.0.0.1:0", "--proxy", "--replay-url", f"https://{REPLAY}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    ports = re.search(r"port (\d+), replay on port (\d+)", server.stdout.readline())
    tls = free_port()
    configure(work, tls, *ports.groups())
    nginx = subprocess.Popen(["nginx", "-c", f"{work}/nginx.conf", "-p", work], env={**os.environ, "PATH": "/usr/sbin:" + os.environ["PATH"]})
    try:
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", tls)) == 0:
                    break
            time.sleep(0.1)
        os.chdir(work)
        judge(tls, xianzhi, archive)
    finally:
        check(stop(nginx) == 0, "nginx's end")
        check(stop(server) == 0, "the server's end")
    print(f"nginx before serve: {'ok' if not failures else 'FAILED'}")
    return 1 if failures else 0


sys.exit(main())
