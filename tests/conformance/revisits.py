#!/usr/bin/env python3
"""Ask pywb for every revisit of an archive: it must find the original's body, and the digest must fit.

usage: revisits.py ARCHIVE

pywb's own server of resources and of its index is called in this process, with the archive's WARC files and its index
files, merged. A 304 it hands on as such, without a body (so would a browser's cache be asked); there it must resolve the
revisit in its index, and the record it names must have the body.
"""
import contextlib, glob, hashlib, io, json, logging, os, shutil, sys, tempfile, urllib.parse
from pywb.warcserver.warcserver import WarcServer
from warcio.archiveiterator import ArchiveIterator

logging.disable(logging.CRITICAL)


def collection(archive, folder):
    """A folder as pywb wants it: all files beside one another, one index."""
    coll = os.path.join(folder, "collections", "all")
    os.makedirs(os.path.join(coll, "archive"))
    os.makedirs(os.path.join(coll, "indexes"))
    for path in glob.glob(os.path.join(archive, "warc", "*", "*.warc.gz")):
        os.symlink(os.path.abspath(path), os.path.join(coll, "archive", os.path.basename(path)))
    lines = sorted({line for path in glob.glob(os.path.join(archive, "index", "*.cdxj"))
                    for line in open(path, "rb")})
    with open(os.path.join(coll, "indexes", "index.cdxj"), "wb") as out:
        out.writelines(lines)
    return [line.decode().split(" ", 2) for line in lines]


def call(app, path, query):
    told = {}

    def start(status, headers, exc_info=None):
        told["status"] = status

    body = b"".join(app({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": urllib.parse.urlencode(query),
                         "wsgi.input": io.BytesIO(), "SERVER_NAME": "x", "SERVER_PORT": "1",
                         "SCRIPT_NAME": "", "wsgi.url_scheme": "http"}, start))
    return told["status"].startswith("200"), body


def body_of(stream):
    for record in ArchiveIterator(stream):
        return record.raw_stream.read()
    return b"no record"


def by_resource(app, fields, timestamp):
    """The body that pywb gives for a capture, or the error's text."""
    good, body = call(app, "/all/resource", {"url": fields["url"], "closest": timestamp, "matchType": "exact"})
    return body_of(io.BytesIO(body)) if good else body


def by_index(app, fields, timestamp):
    """The body in the record that pywb's index names as the original."""
    good, lines = call(app, "/all/index", {"url": fields["url"], "resolveRevisits": "true", "output": "json"})
    for line in lines.decode().splitlines() if good else []:
        cdx = json.loads(line)
        if cdx["timestamp"] == timestamp and cdx["filename"] == fields["filename"] and cdx["orig.filename"] != "-":
            with open(os.path.join("collections/all/archive", cdx["orig.filename"]), "rb") as f:
                f.seek(int(cdx["orig.offset"]))
                return body_of(f)
    return b"not resolved"


def judge(app, lines):
    """How many revisits there are, and what is wrong with some."""
    seen, wrong = set(), []
    for _, timestamp, text in lines:
        fields = json.loads(text)
        if fields["mime"] != "warc/revisit" or fields.get("method") or (fields["url"], timestamp) in seen:
            continue
        seen.add((fields["url"], timestamp))
        body = (by_index if fields["status"] == "304" else by_resource)(app, fields, timestamp)
        if "sha256:" + hashlib.sha256(body).hexdigest() != fields["digest"]:
            wrong.append(f"{fields['url']} {timestamp} ({fields['status']}): {body[:100]!r}")
    return len(seen), wrong


def main():
    folder = tempfile.mkdtemp()
    lines = collection(sys.argv[1], folder)
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does
        count, wrong = judge(WarcServer(config_file=None), lines)
    shutil.rmtree(folder)
    for line in wrong[:5]:
        print(line)
    print(f"pywb: {count - len(wrong)} of {count} revisits resolved")
    return 1 if wrong or not count else 0


sys.exit(main())
