#!/usr/bin/env python3
"""Check the simulated county against its own truth with an independent crawler.

usage: selfcheck.py COUNTY_BINARY [county options...]

Starts the county, walks it breadth first from the portal by plain links (a, area, link, script, img
with srcset, frames, options and window.open, CSS url() and @import), then says what the truth has
wrong: must-URLs that answer otherwise than declared or that no plain link reaches (unless the truth
says "needs"), documents whose title or first sentence is not on their page. The scenario `families` is
not walked, as most of its lists come by script: every list request of the truth is sent as declared, and
their rows must be the column's documents. Standard library only.
"""
import collections, gzip, html, http.client, html.parser, json, os, re, subprocess, sys, tempfile, urllib.parse

folder = tempfile.mkdtemp(prefix="county-")
truth_file = os.path.join(folder, "truth.jsonl")
county = subprocess.Popen([sys.argv[1], "--truth", truth_file, *sys.argv[2:]], stdout=subprocess.PIPE, text=True)
ready = county.stdout.readline()
port = int(re.search(r"127\.0\.0\.1:(\d+)", ready).group(1))
truth = [json.loads(line) for line in open(truth_file, encoding="utf-8")]
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

def fetch(url, method="GET", body=None, headers={}):
    global connection
    u = urllib.parse.urlsplit(url)
    path = (u.path or "/") + ("?" + u.query if u.query else "")
    for attempt in 0, 1:
        try:
            connection.putrequest(method, urllib.parse.quote(path, safe="/%:@!$&'()*+,;=?~-._"), skip_host=True)
            connection.putheader("Host", u.netloc)
            connection.putheader("User-Agent", "selfcheck")
            for name, value in headers.items(): connection.putheader(name, value)
            if body is not None: connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            r = connection.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
        except (http.client.HTTPException, OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    return 0, {}, b""

class Links(html.parser.HTMLParser):
    def __init__(self, base, charset):
        super().__init__()
        self.base, self.charset, self.out = base, charset, []
    def add(self, ref):
        ref = ref.strip().replace("\\", "/")
        if ref and not ref.startswith(("javascript:", "mailto:", "tel:", "ftp:", "#")):
            path, mark, query = ref.partition("?")
            if mark: ref = path + mark + urllib.parse.quote(query, safe="%=&;:@!$'()*+,/?~-._#", encoding=self.charset)
            self.out.append(urllib.parse.urljoin(self.base, ref).split("#")[0])
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        for name in "href", "src":
            if a.get(name): self.add(a[name])
        if tag == "option" and re.match(r"https?:|/", a.get("value") or ""): self.add(a["value"])
        for part in (a.get("srcset") or "").split(","):
            if part.strip(): self.add(part.split()[0])
        for ref in re.findall(r"url\(['\"]?([^'\")]+)", a.get("style") or ""): self.add(ref)
        for ref in re.findall(r"window\.open\('([^']+)'", a.get("onclick") or ""): self.add(ref)
        refresh = re.search(r"url\s*=\s*['\"]?([^'\"]+)", a.get("content") or "", re.I)
        if tag == "meta" and (a.get("http-equiv") or "").lower() == "refresh" and refresh: self.add(refresh.group(1))

problems = collections.Counter()
def problem(what, *more):
    problems[what] += 1
    if problems[what] <= 5: print(what + ":", *more)

def finish(*more):
    county.terminate()
    print(ready.strip())
    print(county.stdout.read().strip())
    for m in more: print(m)
    print("problems:", dict(problems) or "none")
    sys.exit(bool(problems))

def postback(t, pages):
    """A form's body with the state of the column's first page."""
    state = re.search(r'name="__VIEWSTATE"[^>]*value="([^"]*)"', pages[t["url"]]).group(1)
    return t["body"] + "&__VIEWSTATE=" + urllib.parse.quote(state, safe="")

def unchanged(url, headers):
    asked = {"If-None-Match": headers.get("etag"), "If-Modified-Since": headers.get("last-modified")}
    asked = {k: v for k, v in asked.items() if v}
    return asked and fetch(url, headers=asked)[0] == 304

def read_document(t, body):
    text = html.unescape(re.sub(r"<!--.*?-->", "", body))
    for name in "title", "body_head":
        if t[name] not in text: problem(name, t["url"])
    if t["parts"] == 1 and t["body_tail"] not in text: problem("body_tail", t["url"])
    for name in "index_no", "publisher", "doc_no", "topic_class", "source":
        value = t["fields"].get(name)
        if value and value not in text: problem("field " + name, t["url"], t["idiom"])

def check_families():
    rows, documents, pages, conditional = collections.defaultdict(set), collections.defaultdict(set), {}, collections.Counter()
    by_host = collections.defaultdict(dict)
    for t in truth:
        if t.get("kind") == "document":
            by_host[t["url"].split("/")[2]][t["url"].partition(".gov.cn")[2]] = t["url"]
            if t["listed"]: documents[t["family"], t["column"]].add(t["url"])
    for t in truth:
        if "url" not in t or t["kind"] == "column": continue
        url, kind, body = t["url"], t["kind"], t.get("body")
        if body and "__EVENTTARGET" in body: body = postback(t, pages)
        status, headers, content = fetch(url, t.get("method", "GET"), body.encode() if body else None)
        want = t.get("status", 301 if t.get("moved_to") else 404 if kind == "former" else 200)
        if kind != "former" and status != want: problem("status", url, status, "declared", want)
        if kind == "former" and status not in (200, 301, 302, 404): problem("status", url, status)
        text = content.decode("gb18030" if b"gb2312" in content[:400] or "gbk" in headers.get("content-type", "") else "utf-8", "replace")
        if "\ufffd" in text and "html" in headers.get("content-type", ""): problem("charset", url)
        if kind == "list":
            if not body: pages[url] = text
            flat = html.unescape(text.replace("\\/", "/"))
            found = {u for path, u in by_host[url.split("/")[2]].items() if re.search(r"(?<!\w)" + re.escape(path.lstrip("/")) + r"(?![\w.])", flat)}
            if len(found) != t["rows"]: problem("rows", t["family"], t["column"], t["request"], url, len(found), "declared", t["rows"])
            rows[t["family"], t["column"]] |= found
        elif kind == "document":
            read_document(t, text)
            conditional[bool(headers.get("etag")), bool(headers.get("last-modified")), bool(unchanged(url, headers))] += 1
    for key, urls in documents.items():
        if rows[key] != urls: problem("column", *key, len(rows[key]), "declared", len(urls), *sorted(rows[key] ^ urls)[:2])
    for t in truth:
        if t.get("kind") == "column" and "delisted" not in t and t["total"] != len(documents[t["family"], t["caption"]]):
            problem("total", t["family"], t["caption"])
    changes = collections.Counter(t["change"] for t in truth if "change" in t)
    finish(f"columns {len(rows)} documents {sum(map(len, documents.values()))} changes {dict(changes)}",
           f"(etag, last-modified, 304): {dict(conditional)}")

if any(t.get("kind") == "column" for t in truth): check_families()

closed = [t for t in truth if t.get("must") is False]
closed_urls = {t["url"] for t in closed if "url" in t}
prefixes = tuple(t["prefix"] for t in closed if "prefix" in t)
parts = [t["contains"] for t in closed if "contains" in t]

def normal(url):
    u = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((u.scheme, u.netloc, urllib.parse.quote(u.path or "/", safe="/%:@!$&'()*+,;=~-._"), u.query, ""))

declared = {normal(t["url"]): t for t in truth if "url" in t}
seen, statuses, bodies = set(), {}, {}
queue = collections.deque(["http://www.qinglan.gov.cn/"])
while queue:
    url = queue.popleft()
    if url in seen: continue
    seen.add(url)
    status, headers, body = fetch(url)
    statuses[url] = status
    found = []
    if status in (301, 302, 303, 307) and headers.get("location"):
        found.append(urllib.parse.urljoin(url, headers["location"]))
    kind = headers.get("content-type", "")
    if "html" in kind:
        charset = "gb18030" if b"charset=gb2312" in body[:500] else "utf-8"
        try: text = body.decode(charset)
        except UnicodeDecodeError as e:
            print("not", charset, url, e); text = body.decode(charset, "replace")
        t = declared.get(url)
        if t and t.get("kind") == "document" and status == 200: bodies[url] = text
        p = Links(url, charset)
        p.feed(text)
        found += p.out
    elif "css" in kind:
        found += [urllib.parse.urljoin(url, r) for r in re.findall(r"url\(['\"]?([^'\")]+)", body.decode())]
    for u in map(normal, found):
        if u in seen or u in closed_urls or u.startswith(prefixes) or any(s in u for s in parts) or ".fault." in u: continue
        if not u.startswith("http://"): continue
        queue.append(u)

kinds, html_pages = collections.Counter(), 0
for url, t in declared.items():
    if t["must"] is not True or t.get("kind", "").startswith("fault"): continue
    kinds[t["kind"], t.get("shape", "")] += 1
    want = t.get("status", 200)
    if url not in seen:
        status = fetch(url)[0]
        if status != want: problem("status", url, status, "declared", want)
        if "needs" not in t and t["kind"] not in ("robots", "sitemap"): problem("not reached", url)
    elif statuses[url] != want: problem("status", url, statuses[url], "declared", want)
for url in seen:
    if url not in declared: problem("not in the truth", url, statuses[url])
tags = re.compile(r"<[^>]*>")
for url, text in bodies.items():
    t = declared[url]
    plain = html.unescape(tags.sub("", re.sub(r"<!--.*?-->", "", text)))
    if t["title"] not in plain: problem("title", url)
    if t["body_head"] not in plain: problem("body_head", url)
    if t["body_tail"] not in plain: problem("body_tail", url)
    for name in "index_no", "publisher", "issuer", "source", "abstract":
        if t["fields"].get(name) and t["fields"][name] not in plain + text: problem("field " + name, url)
size = [len(b.encode()) for b in bodies.values()]
finish(f"walked {len(seen)} declared {len(declared)} documents read {len(bodies)}",
       " ".join(f"{k}/{s}:{n}" if s else f"{k}:{n}" for (k, s), n in sorted(kinds.items())),
       f"document bytes mean {sum(size) // len(size)} max {max(size)}" if size else "")
