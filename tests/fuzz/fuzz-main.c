/* SPDX-License-Identifier: MIT */
/*
 * In a build without libFuzzer: fuzz-NAME FILE... replays files; fuzz-NAME [-runs=N] [-seed=N] [-dict=FILE]
 * DIRECTORY... mutates the files of the directories.  The same seed and files give the same run.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#define LEN_MAX 4096

typedef struct Fuzzer {
    GRand *rand;
    GPtrArray *seeds; /* of GString */
    GPtrArray *words; /* of GString */
} Fuzzer;

static void
free_text(void *text)
{
    g_string_free(text, TRUE);
}

static int
pick(const Fuzzer *fuzzer, size_t n)
{
    return g_rand_int_range(fuzzer->rand, 0, (gint32)n);
}

static const GString *
pick_from(const Fuzzer *fuzzer, const GPtrArray *texts)
{
    return g_ptr_array_index(texts, pick(fuzzer, texts->len));
}

static void
mutate(const Fuzzer *fuzzer, GString *text)
{
    gssize at = pick(fuzzer, text->len + 1), len = pick(fuzzer, MIN(text->len - (gsize)at, 16) + 1);
    const GString *other;

    switch (pick(fuzzer, 8)) {
    case 0:
        if (text->len) {
            text->str[at % (gssize)text->len] = (char)pick(fuzzer, 256);
        }
        break;
    case 1:
        g_string_erase(text, at, len);
        break;
    case 2:
        g_string_truncate(text, (gsize)at);
        break;
    case 3: {
        g_autofree char *copy = g_memdup2(text->str + at, (gsize)len);

        g_string_insert_len(text, pick(fuzzer, text->len + 1), copy, len);
        break;
    }
    case 4:
        other = pick_from(fuzzer, fuzzer->seeds);
        g_string_append_len(text, other->str, (gssize)other->len);
        break;
    default:
        other = pick_from(fuzzer, fuzzer->words->len ? fuzzer->words : fuzzer->seeds);
        if (pick(fuzzer, 2)) {
            g_string_erase(text, at, (gssize)MIN(other->len, text->len - (gsize)at));
        }
        g_string_insert_len(text, at, other->str, (gssize)other->len);
        break;
    }
    if (text->len > LEN_MAX) {
        g_string_truncate(text, LEN_MAX);
    }
}

/* A buffer of the exact size, so that a sanitizer detects an overrun. */
static void
run_one(const GString *text)
{
    g_autofree uint8_t *copy = g_malloc(MAX(text->len, 1));

    memcpy(copy, text->str, text->len);
    LLVMFuzzerTestOneInput(copy, text->len);
}

static void
run_mutations(const Fuzzer *fuzzer, long runs)
{
    for (guint i = 0; i < fuzzer->seeds->len; i++) {
        run_one(g_ptr_array_index(fuzzer->seeds, i));
    }
    for (long i = 0; i < runs; i++) {
        const GString *seed = pick_from(fuzzer, fuzzer->seeds);
        GString *text = g_string_new_len(seed->str, (gssize)seed->len);

        for (int k = 1 + pick(fuzzer, 7); k > 0; k--) {
            mutate(fuzzer, text);
        }
        run_one(text);
        g_string_free(text, TRUE);
    }
}

static void
add_file(GPtrArray *texts, const char *path)
{
    g_autofree char *bytes = NULL;
    gsize len;

    if (!g_file_get_contents(path, &bytes, &len, NULL)) {
        fprintf(stderr, "fuzz: %s: cannot be read\n", path);
        exit(2);
    }
    g_ptr_array_add(texts, g_string_new_len(bytes, (gssize)len));
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
add_directory(GPtrArray *texts, const char *path)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    }
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++) {
        add_file(texts, g_ptr_array_index(names, i));
    }
}

/* libFuzzer's format: one quoted text per line, with \xNN escapes. */
static void
add_words(GPtrArray *words, const char *path)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return;
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        GString *word;

        if (**line != '"') {
            continue;
        }
        word = g_string_new(NULL);
        for (const char *p = *line + 1; *p && *p != '"'; p++) {
            if (p[0] == '\\' && p[1] == 'x') {
                g_string_append_c(word, (char)(g_ascii_xdigit_value(p[2]) << 4 | g_ascii_xdigit_value(p[3])));
                p += 3;
            } else {
                p += *p == '\\';
                g_string_append_c(word, *p);
            }
        }
        g_ptr_array_add(words, word);
    }
}

int
main(int argc, char **argv)
{
    Fuzzer fuzzer = {NULL, g_ptr_array_new_with_free_func(free_text), g_ptr_array_new_with_free_func(free_text)};
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(free_text);
    long runs = 100000;
    guint32 seed = 1;

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0) {
            runs = strtol(argv[i] + 6, NULL, 10);
        } else if (strncmp(argv[i], "-seed=", 6) == 0) {
            seed = (guint32)strtoul(argv[i] + 6, NULL, 10);
        } else if (strncmp(argv[i], "-dict=", 6) == 0) {
            add_words(fuzzer.words, argv[i] + 6);
        } else if (argv[i][0] == '-') {
            continue; /* an option of libFuzzer */
        } else if (g_file_test(argv[i], G_FILE_TEST_IS_DIR)) {
            add_directory(fuzzer.seeds, argv[i]);
        } else {
            add_file(files, argv[i]);
        }
    }
    LLVMFuzzerInitialize(&argc, &argv);
    if (files->len) {
        g_ptr_array_foreach(files, (GFunc)(void (*)(void))run_one, NULL);
        return 0;
    }
    g_ptr_array_add(fuzzer.seeds, g_string_new(NULL));
    fuzzer.rand = g_rand_new_with_seed(seed);
    run_mutations(&fuzzer, runs);
    printf("%u seeds, %u words, %ld runs, seed %u\n", fuzzer.seeds->len, fuzzer.words->len, runs, seed);
    g_rand_free(fuzzer.rand);
    g_ptr_array_unref(fuzzer.seeds);
    g_ptr_array_unref(fuzzer.words);
    return 0;
}
