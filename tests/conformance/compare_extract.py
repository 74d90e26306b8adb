"""Fields, text and speed of extraction beside trafilatura and GNE, on the same pages with the same truth.

usage: compare_extract.py XIANZHI WARC-FOLDER:TRUTH.jsonl | PAGES-FOLDER:TRUTH.jsonl ...

A truth line is an object with url, kind, fields (title, date_published, ...), body_head and body_tail, and, for a folder
of saved pages, file. Only documents with a title are judged. A body counts when it begins and ends as the truth says and
holds less than 400 characters besides. CPU is the process's own; the pages are in memory before. Of the other
fields of the truth ("others") they know none. Exit 1 if either of them is better on title, date or
body: then there is something to learn.
"""
import base64
import json
import pathlib
import re
import resource
import subprocess
import sys
import time
import unicodedata

import trafilatura
from gne import GeneralNewsExtractor
from warcio.archiveiterator import ArchiveIterator

SLACK = 400


def norm(text):
    return re.sub(r"[\s\u200b\ufeff]+", "", unicodedata.normalize("NFKC", str(text or "")))


def bytes_of(folder):
    """URL to the body of its 200 response, and its charset parameter."""
    pages = {}
    for path in sorted(pathlib.Path(folder).rglob("*.warc.gz")):
        with open(path, "rb") as f:
            for record in ArchiveIterator(f):
                if record.rec_type == "response" and record.http_headers.get_statuscode() == "200":
                    kind = record.http_headers.get_header("Content-Type") or ""
                    charset = kind.partition("charset=")[2] or None
                    pages[record.rec_headers.get_header("WARC-Target-URI")] = (record.content_stream().read(), charset)
    return pages


def load(source):
    folder, truth = source.rsplit(":", 1)
    lines = [json.loads(x) for x in open(truth, encoding="utf-8") if x.strip()]
    lines = [t for t in lines if t.get("kind") == "document" and t.get("fields", {}).get("title")
             and t.get("quality", "good") == "good"]
    if lines and "file" in lines[0]:
        read = {t["url"]: ((pathlib.Path(folder) / t["file"]).read_bytes(), t.get("http_charset")) for t in lines}
    else:
        read = bytes_of(folder)
    return [(t, *read[t["url"]]) for t in lines if t["url"] in read]


def with_xianzhi(binary):
    def run(pages):
        feed = "".join(json.dumps({"html_b64": base64.b64encode(html).decode(), "url": t["url"], "http_charset": charset})
                       + "\n" for t, html, charset in pages)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = subprocess.run([binary, "inspect", "document", "--jsonl"], input=feed.encode(), stdout=subprocess.PIPE,
                             check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rows = []
        for line in out.stdout.decode("utf-8").splitlines():
            d = json.loads(line)
            values = {k: (v.get("value") or v.get("raw")) if isinstance(v, dict) else v for k, v in d["fields"].items()}
            rows.append({**values, "body": d.get("text")})
        return rows, cpu
    return run


def in_process(one):
    def run(pages):
        start, rows = time.process_time(), []
        for t, html, charset in pages:
            try:
                rows.append(one(t, html, charset))
            except Exception as problem:  # theirs, and counted as nothing found
                rows.append({"error": repr(problem)})
        return rows, time.process_time() - start
    return run


def with_trafilatura(t, html, _):
    d = trafilatura.bare_extraction(html, url=t["url"], with_metadata=True)
    d = d.as_dict() if d else {}
    return {"title": d.get("title"), "date_published": d.get("date"), "body": d.get("text")}


def with_gne(t, html, charset):
    text = trafilatura.utils.decode_file(html)  # GNE wants text: it gets the better guess
    d = GeneralNewsExtractor().extract(text, host=t["url"])
    return {"title": d.get("title"), "date_published": d.get("publish_time"), "body": d.get("content")}


def is_body(t, text):
    head, tail, got = norm(t.get("body_head"))[:30], norm(t.get("body_tail"))[-20:], norm(text)
    return head in got[:SLACK + len(head)] and tail in got[-SLACK - len(tail):]


def judge(pages, rows):
    names = ("title", "date_published")
    good, of = dict.fromkeys(names + ("body", "others"), 0), dict.fromkeys(names + ("body", "others"), 0)
    for (t, _, _), row in zip(pages, rows):
        for name, want in t["fields"].items():
            if not want or isinstance(want, (dict, list)):
                continue
            key = name if name in names else "others"
            cut = 10 if name.startswith("date") else None
            of[key] += 1
            good[key] += norm(row.get(name))[:cut] == norm(want)[:cut]
        if t.get("body_head"):
            of["body"] += 1
            good["body"] += is_body(t, row.get("body"))
    return {k: good[k] / of[k] if of[k] else 1.0 for k in good}


def main(binary, *sources):
    programs = {"xianzhi": with_xianzhi(binary), "trafilatura": in_process(with_trafilatura), "GNE": in_process(with_gne)}
    worse = 0
    for source in sources:
        pages = load(source)
        if not pages:
            sys.exit(f"no documents in {source}")
        size = sum(len(html) for _, html, _ in pages) / 1e6
        print(f"{pathlib.Path(source).parent.name}: {len(pages)} documents, {size:.1f} MB")
        found = {}
        for name, run in programs.items():
            rows, cpu = run(pages)
            found[name] = judge(pages, rows)
            score = "  ".join(f"{k} {v:.3f}" for k, v in found[name].items())
            print(f"  {name:<12} {score}  {len(pages) / cpu:7.0f} documents/s  {size / cpu:6.1f} MB/s")
        for name in ("trafilatura", "GNE"):
            for what in ("title", "date_published", "body"):
                if found[name][what] > found["xianzhi"][what]:
                    print(f"  {name} is better on {what}")
                    worse = 1
    return worse


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
