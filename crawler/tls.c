/* TLS: with the policy `record` libcurl does not verify, and then does not load any authorities either; so the chain
 * that the server sent is verified here, once an exchange. */
#include "crawler/tls.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

const char *zhi_tls_word(long result) {
  switch (result) {
  case X509_V_OK: return "ok";
  case X509_V_ERR_CERT_HAS_EXPIRED: return "expired";
  case X509_V_ERR_CERT_NOT_YET_VALID: return "not_yet_valid";
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return "self_signed";
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return "unknown_issuer";
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH: return "wrong_name";
  default: return "bad_certificate";
  }
}

static long verify(const SSL *ssl, X509 *leaf, X509_STORE *trust, const char *host) {
  long result = X509_V_ERR_OUT_OF_MEM;
  X509_STORE_CTX *c = X509_STORE_CTX_new();
  if (c && X509_STORE_CTX_init(c, trust, leaf, SSL_get_peer_cert_chain(ssl)) == 1) {
    X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(c);
    X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_SSL_SERVER);
    if (X509_VERIFY_PARAM_set1_ip_asc(p, host) != 1)
      X509_VERIFY_PARAM_set1_host(p, host, 0);
    result = X509_verify_cert(c) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(c);
  }
  X509_STORE_CTX_free(c);
  return result;
}

const char *zhi_tls_judge(const SSL *ssl, X509_STORE *trust, const char *host) {
  X509 *leaf = SSL_get0_peer_certificate(ssl);
  if (!leaf)
    return "bad_certificate";
  long result = verify(ssl, leaf, trust, host);
  return result == X509_V_OK && SSL_version(ssl) < TLS1_2_VERSION ? "old_version"
                                                                  : zhi_tls_word(result);
}
