#!/usr/bin/env python3
"""Check the simulated county against its own truth with an independent crawler.

usage: selfcheck.py COUNTY_BINARY [county options...]

Starts the county, walks it breadth first from the portal by plain links (a, area, link, script, img
with srcset, frames, options and window.open, CSS url() and @import), then says what the truth has
wrong: must-URLs that answer otherwise than declared or that no plain link reaches (unless the truth
says "needs"), documents whose title or first sentence is not on their page. Standard library only.
"""
import collections, gzip, html, http.client, html.parser, json, os, re, subprocess, sys, tempfile, urllib.parse

folder = tempfile.mkdtemp(prefix="county-")
truth_file = os.path.join(folder, "truth.jsonl")
county = subprocess.Popen([sys.argv[1], "--truth", truth_file, *sys.argv[2:]], stdout=subprocess.PIPE, text=True)
ready = county.stdout.readline()
port = int(re.search(r"127\.0\.0\.1:(\d+)", ready).group(1))
truth = [json.loads(line) for line in open(truth_file, encoding="utf-8")]
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

def fetch(url):
    global connection
    u = urllib.parse.urlsplit(url)
    path = (u.path or "/") + ("?" + u.query if u.query else "")
    for attempt in 0, 1:
        try:
            connection.putrequest("GET", urllib.parse.quote(path, safe="/%:@!$&'()*+,;=?~-._"), skip_host=True)
            connection.putheader("Host", u.netloc)
            connection.putheader("User-Agent", "selfcheck")
            connection.endheaders()
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

problems = collections.Counter()
def problem(what, *more):
    problems[what] += 1
    if problems[what] <= 5: print(what + ":", *more)

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
county.terminate()
print(ready.strip())
print(county.stdout.read().strip())
print("walked", len(seen), "declared", len(declared), "documents read", len(bodies))
print(" ".join(f"{k}/{s}:{n}" if s else f"{k}:{n}" for (k, s), n in sorted(kinds.items())))
size = [len(b.encode()) for b in bodies.values()]
if size: print("document bytes mean", sum(size) // len(size), "max", max(size))
print("problems:", dict(problems) or "none")
sys.exit(bool(problems))
