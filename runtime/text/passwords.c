/* SPDX-License-Identifier: MIT */
/*
 * Passwords in names of images: //USER:PASSWORD@HOST of a URI (RFC 3986, section 3.2.1), //USER%PASSWORD@HOST of iscsi,
 * and :key=KEY of rbd.
 */
#include <string.h>

#include "vt-runtime/error.h"

#define KEY ":key="

/* Replaces the @len bytes at @at by one '*'.  Returns what follows it. */
static char *
hide(char *at, size_t len)
{
    if (len) {
        *at++ = '*';
        memmove(at, at + len - 1, strlen(at + len - 1) + 1);
    }
    return at;
}

/* Where the password of the user information starts that ends @len bytes after @authority; 0: nowhere. */
static size_t
password_of(const char *authority, size_t len)
{
    size_t at = 0;

    while (at < len && authority[at] != ':' && authority[at] != '%') {
        at++;
    }
    return at < len ? at + 1 : 0;
}

char *
vt_hide_passwords(char *text)
{
    for (char *at = strstr(text, "://"); at; at = strstr(at, "://")) {
        size_t len, start, user_len;

        at += strlen("://");
        len = strcspn(at, "/?#,'\" ");
        for (user_len = len; user_len > 0 && at[user_len - 1] != '@'; user_len--) {
        }
        if (user_len) {
            start = password_of(at, user_len - 1);
            at = start ? hide(at + start, user_len - 1 - start) : at + user_len;
            continue;
        }
        /* A text that was cut may have lost the '@'; a port has only digits. */
        start = at[0] == '[' ? 0 : password_of(at, len);
        if (start && start + strspn(at + start, "0123456789") < len) {
            at = hide(at + start, len - start);
        }
    }
    for (char *at = strstr(text, "rbd:"); at && (at = strstr(at, KEY));) {
        at += strlen(KEY);
        at = hide(at, strcspn(at, ":,'\" "));
    }
    return text;
}
