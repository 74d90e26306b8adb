#!/usr/bin/env python3
"""Parse every record with warcio, recompute its digests, compare with `xianzhi index`, and judge jwarc's words.

usage: check.py FILE-LIST XIANZHI JWARC-JAR

jwarc reports an HTTP Content-Length that differs from what is stored. A truncated capture keeps the server's own
on purpose (WARC-Truncated says why), so that one message is allowed on exactly those records.
"""
import collections, hashlib, json, os, re, subprocess, sys
from warcio.archiveiterator import ArchiveIterator

problems = collections.Counter()


def problem(path, offset, text):
    problems[text] += 1
    if problems[text] <= 3:
        print(f"{path}: {offset}: {text}")


def digest_of(label, data):
    name, _, value = label.partition(":")
    return name == "sha256" and hashlib.sha256(data).hexdigest() == value


def read_file(path, counts):
    """All records: what an index should hold, and the offsets of records jwarc may complain about."""
    want, truncated = {}, set()
    with open(path, "rb") as f:
        it = ArchiveIterator(f, no_record_parse=True)
        for record in it:
            block = record.raw_stream.read()
            offset, length = it.get_record_offset(), it.get_record_length()
            header = record.rec_headers.get_header
            counts[record.rec_type] += 1
            if not digest_of(header("WARC-Block-Digest", ""), block):
                problem(path, offset, "block digest differs")
            http = (header("Content-Type") or "").startswith("application/http")
            head, blank, body = block.partition(b"\r\n\r\n")
            payload = body if http else block
            told = header("WARC-Payload-Digest")
            if record.rec_type in ("response", "resource") and not (told and digest_of(told, payload)):
                problem(path, offset, "payload digest differs or is missing")
            if http and not blank:
                problem(path, offset, "HTTP head without a blank line")
            if record.rec_type == "response":
                declared = re.search(rb"(?im)^content-length:\s*(\d+)", head)
                if declared and int(declared.group(1)) != len(body):
                    if header("WARC-Truncated"):
                        truncated.add(offset)
                    else:
                        problem(path, offset, "Content-Length differs in a whole capture")
            if record.rec_type in ("response", "revisit", "resource"):
                status = re.match(rb"HTTP/\S+ (\d+)", head) if http else None
                want[offset] = (header("WARC-Target-URI"), str(length), told,
                                status.group(1).decode() if status else None)
    return want, truncated


def compare_index(path, want, xianzhi):
    out = subprocess.run([xianzhi, "index", path], stdout=subprocess.PIPE, check=False)
    if out.returncode != 0:
        problem(path, 0, f"xianzhi index ended with {out.returncode}")
    got = {}
    for line in out.stdout.decode().splitlines():
        fields = json.loads(line.split(" ", 2)[2])
        got[int(fields["offset"])] = (fields["url"], fields["length"], fields.get("digest"), fields.get("status"))
    if got != want:
        odd = [o for o in want.keys() | got.keys() if want.get(o) != got.get(o)]
        problem(path, odd[0], f"index differs: warcio {want.get(odd[0])}, ours {got.get(odd[0])}")


def jwarc(paths, jar):
    run = subprocess.run(["java", "-cp", jar, "org.netpreserve.jwarc.tools.WarcTool", "validate", *paths],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return run.returncode, run.stdout.decode("utf-8", "replace").splitlines()


def ask_jwarc_of_whole(paths, jar):
    """Files in which no word of jwarc's is allowed, many at a time. It names a file after what it says of it."""
    said = []
    code, lines = jwarc(paths, jar)
    for line in lines:
        if line.startswith("Failed to validate "):
            problem(line[len("Failed to validate "):], 0, "jwarc: " + "; ".join(said or ["failed"]))
            said = []
        elif "ERROR" in line or "xception" in line or line.endswith(" failed"):
            said.append(line.strip())
    if said or (code != 0 and not problems):
        problem(paths[0], 0, f"jwarc ended with {code}: " + "; ".join(said))


def ask_jwarc_of_truncated(path, truncated, jar):
    code, lines = jwarc([path], jar)
    allowed = 0
    for line in lines:
        failed = re.search(r"offset (\d+) .* failed$", line)
        if failed and int(failed.group(1)) not in truncated:
            problem(path, failed.group(1), "jwarc: " + line.strip())
        if "ERROR" in line or "xception" in line:
            if "invalid HTTP header Content-Length" in line:
                allowed += 1
            else:
                problem(path, 0, "jwarc: " + line.strip())
    if allowed > len(truncated):
        problem(path, 0, "jwarc: Content-Length of a whole capture")
    return allowed


def main():
    paths = open(sys.argv[1]).read().splitlines()
    counts, allowed, whole = collections.Counter(), 0, []
    for path in paths:
        want, truncated = read_file(path, counts)
        compare_index(path, want, os.path.abspath(sys.argv[2]))
        if truncated:
            allowed += ask_jwarc_of_truncated(path, truncated, sys.argv[3])
        else:
            whole.append(path)
    for i in range(0, len(whole), 200):
        ask_jwarc_of_whole(whole[i:i + 200], sys.argv[3])
    records = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    print(f"{len(paths)} files, {sum(counts.values())} records ({records}); "
          f"{allowed} truncated captures keep the server's Content-Length")
    for text, n in problems.items():
        print(f"PROBLEM {n} x {text}")
    return 1 if problems else 0


sys.exit(main())
