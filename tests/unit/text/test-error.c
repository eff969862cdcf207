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

VT_TEST(passwords_in_file_names_are_hidden, "/text/error/passwords")
{
    static const struct {
        const char *quoted, *expected;
    } cases[] = {
        {"", ""},
        {"://", "://"},
        {"http://host:80/a@b", "http://host:80/a@b"},
        {"http://[::1]:80/x", "http://[::1]:80/x"},
        {"http://bob@host/x", "http://bob@host/x"},
        {"http://bob:@host/x", "http://bob:@host/x"},
        {"file=http://bob:pass@host:80/x,if=none", "file=http://bob:*@host:80/x,if=none"},
        {"http://bob:p@ss:w@host", "http://bob:*@host"},
        {"iscsi://bob%pass@host/iqn/1", "iscsi://bob%*@host/iqn/1"},
        {"'http://bob:pa' and 'http://bob:pass@h'", "'http://bob:*' and 'http://bob:*@h'"},
        {"http://bob:12â¦", "http://bob:*"},
        {"rbd:pool/image:id=a:key=AQ==:conf=x", "rbd:pool/image:id=a:key=*:conf=x"},
        {"rbd:pool/image:key=AQ==,if=none", "rbd:pool/image:key=*,if=none"},
        {"a:key=b", "a:key=b"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = vt_hide_passwords(g_strdup(cases[i].quoted));

        g_assert_cmpstr(text, ==, cases[i].expected);
    }
}
