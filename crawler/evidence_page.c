/* What evidence says to people and programs, and the script that checks it. */
#include "crawler/evidence.h"
#include "zhi/compare_view.h"
#include "zhi/json.h"
#include "zhi/markup.h"

const char evidence_verify_script[] =
    "#!/bin/sh\n"
    "# Checks what is beside this script: every file against SHA256SUMS, the records' own "
    "checksums, and that each body\n"
    "# is the one that its WARC record names. Needs a shell, sha256sum and gzip.\n"
    "# 校验本文件夹：逐一核对文件摘要、记录的压缩校验码，以及正文与 WARC 记录中的摘要是否一致。\n"
    "case $0 in */*) cd \"${0%/*}\" || exit 2 ;; esac\n"
    "bad=0\n"
    "cr=$(printf '\\r')\n"
    "payload() {\n"
    "  gzip -dc \"$1\" 2>/dev/null | while IFS= read -r line; do\n"
    "    line=${line%\"$cr\"}\n"
    "    case $line in\n"
    "    '') break ;;\n"
    "    WARC-Payload-Digest:*sha256:*) echo \"${line##*sha256:}\"; break ;;\n"
    "    esac\n"
    "  done\n"
    "}\n"
    "sha256sum --check --strict --quiet SHA256SUMS || bad=1\n"
    "for record in */*.warc.gz; do\n"
    "  [ -e \"$record\" ] || continue\n"
    "  gzip -t \"$record\" || bad=1\n"
    "  body=${record%/*}/body.bin\n"
    "  named=$(payload \"$record\")\n"
    "  [ -n \"$named\" ] && [ -e \"$body\" ] || continue\n"
    "  found=$(sha256sum <\"$body\")\n"
    "  if [ \"${found%% *}\" != \"$named\" ]; then\n"
    "    echo \"$body: not the body that $record names\" >&2\n"
    "    bad=1\n"
    "  fi\n"
    "done\n"
    "if [ $bad = 0 ]; then echo 'OK 校验通过'; else echo 'FAILED 校验未通过' >&2; fi\n"
    "exit $bad\n";

static const char *or_empty(const char *s) { return s ? s : ""; }

static json_t *capture_json(const struct evidence_capture *x, size_t i) {
  char iso[ZHI_ISO_SIZE], folder[24];
  const struct zhi_shown *c = &x->c;
  zhi_time_iso(c->fetched_ms, iso);
  snprintf(folder, sizeof folder, "%zu/", i + 1);
  return json_pack(
      "{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:s, s:b, s:b}", "folder",
      folder, "url", c->url, "captured", iso, "verdict", or_empty(c->verdict), "status",
      (json_int_t)c->status, "ip", zhi_json_str(x->ip), "protocol", zhi_json_str(x->protocol),
      "cipher_suite", zhi_json_str(x->cipher), "payload_digest", zhi_json_str(x->payload_digest),
      "block_digest", zhi_json_str(x->block_digest), "warc_file", or_empty(c->warc_file),
      "warc_offset", (json_int_t)c->warc_offset, "warc_length", (json_int_t)c->warc_length,
      "record_id", or_empty(c->record_id), "digests_agree", x->digest_fits, "has_original",
      x->has_original);
}

json_t *evidence_manifest(const struct evidence *v) {
  json_t *captures = json_array();
  for (size_t i = 0; i < v->count; i++)
    json_array_append_new(captures, capture_json(&v->captures[i], i));
  return json_pack("{s:o, s:s, s:s, s:o}", "archive", zhi_json_str(zhi_buf_view(&v->name)), "made",
                   v->made, "made_by", "xianzhi", "captures", captures);
}

/* --- the page ------------------------------------------------------------------------------------------------------- */

static void row(struct zhi_buf *b, const char *zh, const char *en, struct zhi_str value) {
  if (!value.len)
    return;
  zhi_buf_addf(b, "<tr><th scope=row><span lang=zh>%s</span> <span lang=en>%s</span></th><td>", zh,
               en);
  zhi_markup_text(b, value);
  zhi_buf_adds(b, "</td></tr>\n");
}

static void listing(struct zhi_buf *b, const char *zh, const char *en, struct zhi_str text) {
  if (!text.len)
    return;
  zhi_buf_addf(b,
               "<details><summary><span lang=zh>%s</span> <span lang=en>%s</span></summary><pre>",
               zh, en);
  zhi_markup_text(b, text);
  zhi_buf_adds(b, "</pre></details>\n");
}

static void capture(struct zhi_buf *b, const struct evidence_capture *x, size_t i) {
  const struct zhi_shown *c = &x->c;
  char iso[ZHI_ISO_SIZE], number[64];
  zhi_time_iso(c->fetched_ms, iso);
  zhi_buf_addf(b,
               "<section><h2><span lang=zh>抓取</span> <span lang=en>Capture</span> %zu · "
               "<time datetime=\"%s\">%s</time></h2><table>\n",
               i + 1, iso, iso);
  row(b, "网址", "URL", zhi_str_of(c->url));
  row(b, "时间（UTC）", "Time", x->date);
  row(b, "服务器地址", "Server address", x->ip);
  row(b, "协议", "Protocol", x->protocol);
  row(b, "加密套件", "Cipher suite", x->cipher);
  row(b, "载荷摘要", "Payload digest", x->payload_digest);
  row(b, "记录块摘要", "Block digest", x->block_digest);
  row(b, "WARC 文件", "WARC file", zhi_str_of(c->warc_file));
  snprintf(number, sizeof number, "%lld + %lld", (long long)c->warc_offset,
           (long long)c->warc_length);
  row(b, "位置与长度", "Offset and length", zhi_str_of(number));
  row(b, "记录编号", "Record", zhi_str_of(c->record_id));
  row(b, "打包时摘要核对", "Digests when packed",
      x->digest_fits ? ZHI_STR("一致 agree") : ZHI_STR("不一致 do not agree"));
  if (x->has_original)
    row(b, "正文来自", "Body from",
        ZHI_STR("original.warc.gz（内容未变，正文存于此前的记录 unchanged: stored with an earlier "
                "record）"));
  zhi_buf_adds(b, "</table>\n");
  listing(b, "请求", "Request", x->request);
  listing(b, "响应头", "Response head", x->response_head);
  listing(b, "抓取元数据", "Metadata of the capture", x->metadata);
  zhi_buf_adds(b, "</section>\n");
}

static const char opening[] =
    "<!DOCTYPE html>\n<html lang=zh><head><meta charset=utf-8><meta name=viewport "
    "content=\"width=device-width,initial-scale=1\"><meta http-equiv=Content-Security-Policy "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>证据 Evidence</title><style>"
    ":root{color-scheme:light dark}body{margin:0 auto;max-width:72rem;padding:1rem;line-height:1.6;"
    "font-family:system-ui,\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif}"
    "table{border-collapse:collapse;width:100%}th,td{border-top:1px solid #8884;padding:.25rem "
    ".5rem;text-align:start;vertical-align:top;overflow-wrap:anywhere}th{width:14rem}"
    "pre{overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}";
static const char how[] =
    "<h2><span lang=zh>如何核对</span> <span lang=en>How to check it</span></h2>"
    "<p lang=zh>在本文件夹运行 <code>sh verify.sh</code>（只需 sha256sum 和 "
    "gzip）。它核对每个文件的摘要、"
    "WARC 记录的校验码，以及正文与记录中的摘要。SHA256SUMS "
    "本身的摘要应另行保存：有了它，任何改动都能发现。"
    "摘要证明文件自打包以来未改；它不能证明服务器当时所说为真。</p>"
    "<p lang=en>Run <code>sh verify.sh</code> in this folder (it needs sha256sum and gzip only). "
    "It "
    "compares every file with its digest, the checksums of the WARC records, and each body with "
    "the "
    "digest in its record. Keep the digest of SHA256SUMS itself elsewhere: with it every later "
    "change shows. Digests prove that nothing changed since this was packed; they cannot prove "
    "that "
    "what the server said was true.</p>";

void evidence_page(const struct evidence *v, struct zhi_buf *out) {
  size_t i;
  json_t *c;
  zhi_buf_adds(out, opening);
  zhi_buf_adds(out, zhi_compare_css);
  zhi_buf_adds(out, "</style></head><body><main><h1><span lang=zh>网页证据</span> <span "
                    "lang=en>Evidence of a web page</span></h1><table>\n");
  row(out, "网址", "URL", zhi_str_of(v->captures[0].c.url));
  row(out, "存档", "Archive", zhi_buf_view(&v->name));
  row(out, "打包时间", "Packed", zhi_str_of(v->made));
  zhi_buf_adds(out, "</table>\n");
  zhi_buf_adds(out, how);
  for (i = 0; i < v->count; i++)
    capture(out, &v->captures[i], i);
  json_array_foreach(v->comparisons, i, c) {
    zhi_buf_addf(out,
                 "<section><h2><span lang=zh>比较</span> <span lang=en>Comparison</span> %zu – "
                 "%zu</h2>",
                 i + 1, i + 2);
    zhi_compare_html(c, ZHI_VIEW_BOTH, out);
    zhi_buf_adds(out, "</section>\n");
  }
  zhi_buf_adds(out, "</main></body></html>\n");
}
