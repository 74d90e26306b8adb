# Reads docs/layers, then every source: which layer may include which header.
FILENAME == ARGV[1] {
  sub(/#.*/, "")
  if ($1 == "header") { sub(/:$/, "", $2); for (i = 3; i <= NF; i++) owner[$i] = $2 }
  else if ($1 == "only") { h = $2; sub(/:$/, "", h); for (i = 3; i <= NF; i++) allowed[h] = allowed[h] " " $i }
  else if (NF) { l = $1; sub(/:$/, "", l); known[l] = 1; for (i = 2; i <= NF; i++) may[l, $i] = 1; may[l, l] = 1 }
  next
}
FNR == 1 {
  layer = FILENAME; sub(/\/.*/, "", layer)
  if (FILENAME ~ /^tests\/county\//) layer = "tests/county"
  public = FILENAME ~ /^include\/zhi\//
  if (public) { n = FILENAME; sub(/.*\//, "", n); sub(/\.h$/, "", n); layer = owner[n]
    if (!layer) { printf "lint: %s: not listed in docs/layers\n", FILENAME; bad = 1 } }
}
/^#include/ {
  h = $2; gsub(/["<>]/, "", h)
  for (lib in allowed) if (index(h, lib) == 1) {
    ok = 0; n = split(allowed[lib], where, " ")
    for (i = 1; i <= n; i++) if (FILENAME == where[i] || index(FILENAME, where[i] "/") == 1) ok = 1
    if (!ok && FILENAME !~ /^tests\//) { printf "lint: %s:%d: %s is for%s\n", FILENAME, FNR, h, allowed[lib]; bad = 1 }
  }
  if (h ~ /^zhi\//) { n = h; sub(/^zhi\//, "", n); sub(/\.h$/, "", n); to = owner[n] }
  else { to = h; if (!sub(/\/.*/, "", to)) next; if (h ~ /^tests\/county\//) to = "tests/county"; if (!(to in known)) next }
  if (!((layer, to) in may)) { printf "lint: %s:%d: %s may not include %s (%s)\n", FILENAME, FNR, layer, h, to; bad = 1 }
}
END { exit bad }
