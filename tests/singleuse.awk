# A zhi_ function that is defined without being declared in some header should be static.
FILENAME ~ /\.h$/ { while (match($0, /zhi_[a-z0-9_]+ ?\(/)) { n = substr($0, RSTART, RLENGTH); sub(/ ?\($/, "", n); declared[n] = 1; $0 = substr($0, RSTART + RLENGTH) } next }
FILENAME ~ /\.c$/ && /^[a-z].*[ *]zhi_[a-z0-9_]+\(/ && !/^static/ && !/;$/ && !/=/ { match($0, /zhi_[a-z0-9_]+\(/); n = substr($0, RSTART, RLENGTH - 1); where[n] = FILENAME ":" FNR }
END { for (n in where) if (!(n in declared)) { printf "lint: %s: %s is in no header: make it static\n", where[n], n; bad = 1 } exit bad }
