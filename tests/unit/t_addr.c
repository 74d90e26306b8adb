/* Which addresses count as private. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zhi/url.h"

static const char *const private_ones[] = {
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.9",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fdab::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "2001::1",
    "100::1",
    "2001:10::1",
    "3fff::1",
    "::7f00:1",
};
static const char *const public_ones[] = {
    "1.2.4.8",          "9.255.255.255",   "11.0.0.1",     "100.63.255.255",       "100.128.0.1",
    "114.114.114.114",  "126.0.0.1",       "128.0.0.1",    "169.253.1.1",          "172.15.0.1",
    "172.32.0.1",       "192.1.0.1",       "192.167.1.1",  "198.17.0.1",           "198.20.0.1",
    "223.255.255.255",  "240e::1",         "2400:3200::1", "2001:4860:4860::8888", "::ffff:1.2.4.8",
    "64:ff9b::102:408", "2002:102:408::1",
};
static const char *const no_addresses[] = {
    "",
    "x",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "[::1]",
    "1.2.4.8 ",
    "www.gov.cn",
    "2400::3200::1",
    "%eth0",
    "11111111111111111111111111111111111111111111111111111111111111",
};

#define EACH(list) for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++)

static void special_ranges_are_private(void **state) {
  (void)state;
  EACH(private_ones)
  if (!zhi_address_is_private(private_ones[i]))
    fail_msg("%s passes for public", private_ones[i]);
}

static void what_borders_on_them_is_public(void **state) {
  (void)state;
  EACH(public_ones)
  if (zhi_address_is_private(public_ones[i]))
    fail_msg("%s passes for private", public_ones[i]);
}

static void what_is_no_address_is_refused(void **state) {
  (void)state;
  EACH(no_addresses)
  if (!zhi_address_is_private(no_addresses[i]))
    fail_msg("'%s' passes for public", no_addresses[i]);
  assert_true(zhi_address_is_private(NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(special_ranges_are_private),
      cmocka_unit_test(what_borders_on_them_is_public),
      cmocka_unit_test(what_is_no_address_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
