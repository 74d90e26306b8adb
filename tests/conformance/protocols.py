#!/usr/bin/env python3
"""Ask a served archive as clients of other archives do.

usage: protocols.py XIANZHI ARCHIVE [WARCIO-JS]

- every line of /cdx names a record in which warcio finds that URL and digest;
- pywb's clients of remote indexes and of Memento read it, and the bytes that they lead to have the digest of the index;
- a client written from RFC 7089 (the exchanges of its sections 4.1, 4.5.3 and 5) gets what it says;
- warcio.js, given as its command line, indexes the WARC files as the archive's own index does.
"""
import collections, glob, hashlib, json, logging, os, re, subprocess, sys, urllib.error, urllib.request
from email.utils import parsedate_to_datetime

from pywb.utils.canonicalize import canonicalize
from pywb.warcserver.index.cdxobject import CDXObject
from pywb.warcserver.index.indexsource import MementoIndexSource, RemoteIndexSource
from warcio.archiveiterator import ArchiveIterator

logging.disable(logging.CRITICAL)
SAMPLE = 60
problems = []
counts = collections.Counter()


def check(what, good, detail=""):
    counts[what] += 1
    if not good:
        problems.append(f"{what}: {detail}")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


opener = urllib.request.build_opener(NoRedirect)


def ask(url, method="GET", **headers):
    request = urllib.request.Request(url, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        answer = opener.open(request)
    except urllib.error.HTTPError as e:
        answer = e
    return answer.status, answer.headers, answer.read()


def links_of(text):
    """application/link-format: [(target, {parameter: value})]."""
    return [(m[1], dict(re.findall(r';\s*([\w-]+)="([^"]*)"', m[2])))
            for m in re.finditer(r'<([^>]*)>((?:\s*;\s*[\w-]+="[^"]*")*)', text)]


def of_rel(links, rel):
    return [(target, p) for target, p in links if rel in p.get("rel", "").split()]


def record_at(archive, name, offset):
    path, = glob.glob(os.path.join(archive, "warc", "*", name))
    with open(path, "rb") as f:
        f.seek(offset)
        record = next(iter(ArchiveIterator(f)))
        return record.rec_headers.get_header("WARC-Target-URI"), record.rec_headers.get_header("WARC-Payload-Digest")


def read_index(base, archive):
    _, headers, body = ask(f"{base}/cdx?url=gov.cn&matchType=domain")
    check("content type", headers["Content-Type"].startswith("text/x-cdxj"), headers["Content-Type"])
    rows = [CDXObject(line) for line in body.split(b"\n") if line]
    for row in rows[:: max(1, len(rows) // 400)]:
        found = record_at(archive, row["filename"], int(row["offset"]))
        check("record of a line", found == (row["url"], row["digest"]), f"{row} is {found}")
    keys = [(row["urlkey"], row["timestamp"]) for row in rows]
    check("order", keys == sorted(keys), "lines are not sorted")
    return rows


def pages_by_resume_key(base, rows):
    got, key = [], ""
    while True:
        _, _, body = ask(f"{base}/cdx/search/cdx?url=gov.cn&matchType=domain&limit=50&fl=urlkey,timestamp,length"
                         f"&showResumeKey=true&output=json{key and '&resumeKey=' + key}")
        table = json.loads(body)
        check("header row", table[0] == ["urlkey", "timestamp", "length"], table[0])
        ended = len(table) > 2 and table[-2] == []
        got += [tuple(row) for row in (table[1:-2] if ended else table[1:])]
        if not ended:
            break
        key = table[-1][0]
    want = [(row["urlkey"], row["timestamp"], row["length"]) for row in rows]
    check("resume keys", got == want, f"{len(got)} rows of {len(want)}")


def ask_as_pywb(base, replay, rows):
    remote = RemoteIndexSource(base + "/cdx?url={url}&closest={closest}&sort=closest", replay + "/w/{timestamp}id_/{url}")
    memento = MementoIndexSource(base + "/timegate/{url}", base + "/timemap/link/{url}", replay + "/w/{timestamp}id_/{url}")
    plain = [r for r in rows if "method" not in r and r["status"] == "200" and "__wb_method" not in r["urlkey"]]
    for row in plain[:: max(1, len(plain) // SAMPLE)]:
        params = {"url": row["url"], "closest": row["timestamp"]}
        first = next(iter(remote.load_index(params)))
        check("pywb's remote index", first["timestamp"] == row["timestamp"] and first["urlkey"] == row["urlkey"], row)
        _, headers, body = ask(first["load_url"])
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        check("bytes by digest", digest == row["digest"], f"{first['load_url']}: {digest}, not {row['digest']}")
        check("Memento-Datetime of bytes", parsedate_to_datetime(headers["Memento-Datetime"]).strftime("%Y%m%d%H%M%S")
              == row["timestamp"], headers["Memento-Datetime"])
        times = [c["timestamp"] for c in memento.load_index({"url": row["url"]})]
        check("pywb's timemap", row["timestamp"] in times and times == sorted(times), f"{row['url']}: {times}")
        gate = [c["timestamp"] for c in memento.load_index(params)]
        check("pywb's timegate", row["timestamp"] in gate, f"{row['url']}: {gate}")
        check("key", canonicalize(row["url"]) == row["urlkey"], row["url"])


def negotiate(base, row):
    original, gate, timemap = row["url"], f"{base}/timegate/{row['url']}", f"{base}/timemap/link/{row['url']}"
    # 4.1, pattern 1.1 (302): the TimeGate is asked, and leads to the Memento.
    for method in ("HEAD", "GET"):
        status, h, _ = ask(gate, method, Accept_Datetime="Thu, 31 May 2007 20:35:00 GMT")
        links = links_of(h["Link"])
        check("timegate 302", status == 302 and h["Location"], status)
        check("timegate Vary", "accept-datetime" in h["Vary"].lower(), h["Vary"])
        check("timegate is no memento", h["Memento-Datetime"] is None, h["Memento-Datetime"])
        check("timegate original", of_rel(links, "original")[0][0] == original, links)
    status, h2, _ = ask(h["Location"])
    links = links_of(h2["Link"])
    check("memento status", status == 200, status)
    check("memento says when", h2["Memento-Datetime"] and of_rel(links, "memento")[0][1]["datetime"] == h2["Memento-Datetime"], links)
    check("memento links", of_rel(links, "original")[0][0] == original and of_rel(links, "timegate")[0][0] == gate
          and of_rel(links, "timemap")[0][0] == timemap, links)
    check("memento has no Vary", "accept-datetime" not in (h2["Vary"] or "").lower(), h2["Vary"])
    # 5: the TimeMap
    status, h3, body = ask(timemap)
    links = links_of(body.decode())
    check("timemap type", status == 200 and h3["Content-Type"] == "application/link-format", h3["Content-Type"])
    mementos = of_rel(links, "memento")
    times = [parsedate_to_datetime(p["datetime"]) for _, p in mementos]
    self_, = of_rel(links, "self")
    check("timemap self", self_[0] == timemap and parsedate_to_datetime(self_[1]["from"]) == times[0]
          and parsedate_to_datetime(self_[1]["until"]) == times[-1], self_)
    check("timemap ends", of_rel(links, "first") == mementos[:1] and of_rel(links, "last") == mementos[-1:], links)
    check("timemap original", of_rel(links, "original")[0][0] == original and of_rel(links, "timegate")[0][0] == gate, links)
    check("before all: the first", h["Location"] == mementos[0][0], f"{h['Location']} {mementos[0][0]}")
    status, h, _ = ask(gate)
    check("no date: the latest", h["Location"] == mementos[-1][0], h["Location"])
    for uri, p in mementos:
        status, h, _ = ask(gate, Accept_Datetime=p["datetime"])
        check("its own date", h["Location"] == uri, f"{h['Location']} {uri}")
    # 4.5.3 and 4.5.4: what is malformed, what is not there
    status, h, _ = ask(gate, Accept_Datetime="yesterday")
    check("malformed date", status == 400, status)
    for path in ("timegate", "timemap/link", "timemap/json", "replay/2018"):
        status, h, _ = ask(f"{base}/{path}/http://nowhere.qinglan.gov.cn/none")
        check("unknown URL", status == 404 and h["Memento-Datetime"] is None and h["Link"] is None, f"{path}: {status} {h}")
    guide = json.loads(ask(f"{base}/timemap/json/{original}")[2])
    check("JSON timemap", [m["uri"] for m in guide["mementos"]["list"]] == [uri for uri, _ in mementos], guide)


def answers_of_redirects(replay, rows):
    for row in [r for r in rows if r["status"] in ("301", "302", "307")][:10]:
        status, h, _ = ask(f"{replay}/w/{row['timestamp']}id_/{row['url']}")
        check("archived redirect", status == int(row["status"]) and h["Memento-Datetime"], f"{row['url']}: {status}")


def as_warcio_js(command, archive):
    fields = ("url", "mime", "status", "length", "offset", "filename")
    for path in glob.glob(os.path.join(archive, "warc", "*", "*.warc.gz")):
        theirs = subprocess.run([*command.split(), "cdx-index", path, "--format", "cdxj"], check=True, capture_output=True, text=True).stdout
        with open(os.path.join(archive, "index", os.path.basename(path) + ".cdxj")) as f:
            ours = f.read()
        rows = []
        for text in (theirs, ours):
            rows.append({})
            for line in text.splitlines():
                key, time, data = line.split(" ", 2)
                row = json.loads(data)
                rows[-1][row["offset"]] = (time, row.get("digest", "").split(":")[-1], *(row.get(f) for f in fields))
        check("warcio.js's index", rows[0] == rows[1],
              f"{path}: {[(rows[0].get(k), rows[1].get(k)) for k in rows[0].keys() | rows[1].keys() if rows[0].get(k) != rows[1].get(k)][:3]}")


def main():
    program, archive = sys.argv[1:3]
    server = subprocess.Popen([program, "serve", archive, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        pages, replay = re.search(r"port (\d+), replay on port (\d+)", server.stdout.readline()).groups()
        base, replay = f"http://127.0.0.1:{pages}", f"http://127.0.0.1:{replay}"
        rows = read_index(base, archive)
        pages_by_resume_key(base, rows)
        ask_as_pywb(base, replay, rows)
        several = collections.Counter(r["url"] for r in rows if r["status"] == "200").most_common(3)
        for url, _ in several:
            negotiate(base, next(r for r in rows if r["url"] == url))
        answers_of_redirects(replay, rows)
    finally:
        server.terminate()
        server.wait()
    if len(sys.argv) > 3:
        as_warcio_js(sys.argv[3], archive)
    for problem in problems[:20]:
        print(problem)
    print(f"protocols: {len(rows)} captures, {sum(counts.values())} checks, {len(problems)} problems")
    return 1 if problems or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
