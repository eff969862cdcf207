/* SPDX-License-Identifier: MIT */
#include "vt-runtime/error.h"
#include "vt-test.h"

VT_TEST(a_message_is_one_line_whatever_it_quotes, "/text/error/one-line")
{
    static const struct {
        const char *quoted, *expected;
    } cases[] = {
        {"plain \xc3\xa9", "'plain \xc3\xa9'"},
        {"a\nb", "'a\\nb'"},
        {"\n", "'\\n'"},
        {"\r\x1b[2J\x7f", "'\\x0d\\x1b[2J\\x7f'"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(vt_error_set(&error, "'%s'", cases[i].quoted));
        g_assert_cmpstr(error->message, ==, cases[i].expected);
    }
}
