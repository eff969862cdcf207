/* SPDX-License-Identifier: MIT */
/*
 * Integer expressions: numbers, + - * / % & | ^ ~, parentheses and characters in quotes.
 *
 * A sign between blanks, or with none around it, is an operator; one after a blank begins the next argument: "5 -3".
 */
#include "human-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vt-runtime/error.h"

#define MAX_DEPTH 32

/* Operators by precedence, from low to high. */
static const char *const levels[] = {"|", "^", "&", "+-", "*/%"};

typedef struct Reader {
    const char *p;
    unsigned depth;
    GError **error;
} Reader;

static bool read_level(Reader *reader, unsigned level, int64_t *ret);

static bool
read_register(Reader *reader)
{
    size_t len = 1 + strspn(reader->p + 1, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_.");

    return vt_error_set(reader->error, "'%.*s': a register needs an engine, which runs the processors", (int)len,
                        reader->p);
}

static bool
read_digits(Reader *reader, int64_t *ret)
{
    char *end;
    unsigned long long value;

    if (!g_ascii_isdigit(*reader->p)) {
        return vt_error_set(reader->error, "expected a number, got '%s'", reader->p);
    }
    errno = 0;
    value = strtoull(reader->p, &end, 0);
    if (errno || g_ascii_isalnum(*end)) {
        return vt_error_set(reader->error, errno ? "'%s' is beyond 64 bits" : "expected a number, got '%s'", reader->p);
    }
    reader->p = end;
    *ret = (int64_t)value;
    return true;
}

static bool
read_operand(Reader *reader, int64_t *ret)
{
    char sign;

    reader->p = vt_human_blanks(reader->p);
    if (reader->depth == MAX_DEPTH) {
        return vt_error_set(reader->error, "the expression nests deeper than %d levels", MAX_DEPTH);
    }
    sign = *reader->p;
    if (sign == '$') {
        return read_register(reader);
    }
    if (sign == '\'' && reader->p[1] && reader->p[2] == '\'') {
        *ret = (unsigned char)reader->p[1];
        reader->p += 3;
        return true;
    }
    if (sign != '(' && sign != '-' && sign != '+' && sign != '~') {
        return read_digits(reader, ret);
    }
    reader->p++;
    reader->depth++;
    if (sign == '(') {
        if (!read_level(reader, 0, ret)) {
            return false;
        }
        reader->p = vt_human_blanks(reader->p);
        if (*reader->p != ')') {
            return vt_error_set(reader->error, "expected ')', got '%s'", reader->p);
        }
        reader->p++;
    } else {
        if (!read_operand(reader, ret)) {
            return false;
        }
        *ret = sign == '-' ? (int64_t)(0 - (uint64_t)*ret) : sign == '~' ? ~*ret : *ret;
    }
    reader->depth--;
    return true;
}

/* The operator that follows, if it is of @level, else 0. */
static char
operator_at(const Reader *reader, unsigned level, const char **ret_after)
{
    const char *p = vt_human_blanks(reader->p);

    if (!*p || !strchr(levels[level], *p)) {
        return 0;
    }
    if (p > reader->p && !g_ascii_isspace(p[1]) && (*p == '-' || *p == '+') && !reader->depth) {
        return 0;
    }
    *ret_after = p + 1;
    return *p;
}

static bool
apply(Reader *reader, char op, int64_t *value, int64_t other)
{
    uint64_t a = (uint64_t)*value, b = (uint64_t)other;

    switch (op) {
    case '+':
        a += b;
        break;
    case '-':
        a -= b;
        break;
    case '*':
        a *= b;
        break;
    case '&':
        a &= b;
        break;
    case '|':
        a |= b;
        break;
    case '^':
        a ^= b;
        break;
    default:
        if (!b) {
            return vt_error_set(reader->error, "division by zero");
        }
        if (other == -1) { /* the quotient may need 65 bits */
            a = op == '/' ? 0 - a : 0;
        } else {
            a = (uint64_t)(op == '/' ? *value / other : *value % other);
        }
        break;
    }
    *value = (int64_t)a;
    return true;
}

static bool
read_level(Reader *reader, unsigned level, int64_t *ret)
{
    const char *after = NULL;
    int64_t other;
    char op;

    if (level == G_N_ELEMENTS(levels)) {
        return read_operand(reader, ret);
    }
    if (!read_level(reader, level + 1, ret)) {
        return false;
    }
    while ((op = operator_at(reader, level, &after))) {
        reader->p = after;
        if (!read_level(reader, level + 1, &other) || !apply(reader, op, ret, other)) {
            return false;
        }
    }
    return true;
}

bool
vt_human_number(const char **text, int64_t *ret_value, GError **error)
{
    Reader reader = {*text, 0, error};

    if (!read_level(&reader, 0, ret_value)) {
        return false;
    }
    *text = reader.p;
    return true;
}
