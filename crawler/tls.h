/* TLS: what is wrong with a server's certificate, for captures that are kept all the same. */
#ifndef ZHI_CRAWLER_TLS_H
#define ZHI_CRAWLER_TLS_H

#include <openssl/ssl.h>

/* One word for a result of OpenSSL's verification (X509_V_…): ok expired not_yet_valid self_signed unknown_issuer
 * wrong_name bad_certificate. */
const char *zhi_tls_word(long result);
/* The peer of a connection, judged now: its chain against `trust` (owned by the caller), its name against `host` (a name
 * or an address). A sound certificate over a protocol older than TLS 1.2 is "old_version". */
const char *zhi_tls_judge(const SSL *ssl, X509_STORE *trust, const char *host);

#endif
