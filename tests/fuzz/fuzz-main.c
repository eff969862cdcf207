/* SPDX-License-Identifier: MIT */
/*
 * Where there is no libFuzzer: fuzz-NAME FILE… replays; fuzz-NAME [-runs=N] [-seed=N] mutates the seeds.  The same seed
 * gives the same run.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#define LEN_MAX 4096

static const char *const pieces[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0041",
    "\\ud83d",
    "null",
    "true",
    "1e9",
    "-",
    "0",
    ".",
    "=",
    ",,",
    "[0]",
    ".0",
    "len-",
    "\xc3\xa9",
    "\xff",
    "\xed\xa0\x80",
    "18446744073709551616",
    "65535",
    "id",
    "kind",
    "circle",
    "qom-type",
    "\n",
    "{\"a\":",
    "driver",
};

static void
mutate(GRand *rand, GString *text)
{
    gssize at = g_rand_int_range(rand, 0, (gint32)text->len + 1);
    gssize len = g_rand_int_range(rand, 0, (gint32)MIN(text->len - (gsize)at, 16) + 1);

    switch (g_rand_int_range(rand, 0, 6)) {
    case 0:
        if (text->len) {
            text->str[at % (gssize)text->len] = (char)g_rand_int_range(rand, 0, 256);
        }
        break;
    case 1:
        g_string_erase(text, at, len);
        break;
    case 2:
        g_string_truncate(text, (gsize)at);
        break;
    case 3: {
        g_autofree char *copy = g_strndup(text->str + at, (gsize)len);

        g_string_insert_len(text, g_rand_int_range(rand, 0, (gint32)text->len + 1), copy, (gssize)strlen(copy));
        break;
    }
    default:
        g_string_insert(text, at, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
        break;
    }
    if (text->len > LEN_MAX) {
        g_string_truncate(text, LEN_MAX);
    }
}

/* In a buffer of exactly its size, so that reading behind it is noticed. */
static void
run_one(const char *bytes, size_t len)
{
    g_autofree uint8_t *copy = g_malloc(MAX(len, 1));

    memcpy(copy, bytes, len);
    LLVMFuzzerTestOneInput(copy, len);
}

static void
run_mutations(long runs, guint32 seed)
{
    GRand *rand = g_rand_new_with_seed(seed);
    gint32 n = 0;

    while (fuzz_seeds[n]) {
        run_one(fuzz_seeds[n], strlen(fuzz_seeds[n]));
        n++;
    }
    for (long i = 0; i < runs; i++) {
        g_autoptr(GString) text = g_string_new(fuzz_seeds[g_rand_int_range(rand, 0, n)]);

        for (int k = g_rand_int_range(rand, 1, 8); k > 0; k--) {
            mutate(rand, text);
        }
        run_one(text->str, text->len);
    }
    g_rand_free(rand);
    printf("%ld runs, seed %u\n", runs, seed);
}

int
main(int argc, char **argv)
{
    long runs = 100000;
    guint32 seed = 1;
    int files = 0;

    for (int i = 1; i < argc; i++) {
        g_autofree char *bytes = NULL;
        gsize len;

        if (strncmp(argv[i], "-runs=", 6) == 0) {
            runs = strtol(argv[i] + 6, NULL, 10);
        } else if (strncmp(argv[i], "-seed=", 6) == 0) {
            seed = (guint32)strtoul(argv[i] + 6, NULL, 10);
        } else if (argv[i][0] == '-' || g_file_test(argv[i], G_FILE_TEST_IS_DIR)) {
            continue; /* libFuzzer's */
        } else if (g_file_get_contents(argv[i], &bytes, &len, NULL)) {
            run_one(bytes, len);
            files++;
        } else {
            fprintf(stderr, "fuzz: %s cannot be read\n", argv[i]);
            return 2;
        }
    }
    if (!files) {
        run_mutations(runs, seed);
    }
    return 0;
}
