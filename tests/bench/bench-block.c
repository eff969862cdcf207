/* SPDX-License-Identifier: MIT */
/*
 * bench-block NODE MODE…: requests to the block node that the JSON text NODE defines.
 *
 *   load read|write random|sequential SIZE DEPTH MILLISECONDS   DEPTH requests at a time; prints requests a second
 *   stamp SEED          writes stamped blocks without end, in an order that SEED gives; prints after each flush which
 *                       stamp is on stable storage
 *   check SEED STAMP    checks that all stamps up to STAMP are there, or a later one in the same place
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vt-backends/block.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/vm.h"

#define BLOCK     4096
#define IN_FLIGHT 16 /* stamps between two flushes */

static int failures;

static void
on_answer(void *opaque, int result)
{
    int *left = opaque;

    failures += result != 0;
    (*left)--;
}

static void
wait_for(const int *left)
{
    while (*left) {
        g_main_context_iteration(NULL, TRUE);
    }
}

/* ---- stamps -------------------------------------------------------------------------------------------- */

/* The position of stamp number @stamp. */
static int64_t
place(uint64_t seed, uint64_t stamp, int64_t n_blocks)
{
    uint64_t mixed = (stamp + seed * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;

    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return (int64_t)((mixed ^ (mixed >> 31)) % (uint64_t)n_blocks);
}

static void
fill(uint64_t *block, uint64_t stamp)
{
    for (size_t i = 0; i < BLOCK / sizeof(*block); i++) {
        block[i] = stamp;
    }
}

static int
stamp_blocks(VtBlock *block, uint64_t seed)
{
    int64_t n_blocks = vt_block_length(block) / BLOCK;
    uint64_t(*blocks)[BLOCK / sizeof(uint64_t)];
    int left = 0;

    if (posix_memalign((void **)&blocks, BLOCK, (size_t)IN_FLIGHT * BLOCK)) {
        return 1;
    }
    for (uint64_t stamp = 1; !failures; stamp++) {
        int64_t at = place(seed, stamp, n_blocks);
        size_t i = stamp % IN_FLIGHT;

        /* Stamps of the same place must be written in order. */
        for (uint64_t other = stamp - i; other < stamp; other++) {
            if (place(seed, other, n_blocks) == at) {
                wait_for(&left);
            }
        }
        fill(blocks[i], stamp);
        left++;
        vt_block_write(block, at * BLOCK, blocks[i], BLOCK, 0, on_answer, &left);
        if (i == IN_FLIGHT - 1) {
            wait_for(&left);
            left++;
            vt_block_flush(block, on_answer, &left);
            wait_for(&left);
            printf("%" PRIu64 "\n", stamp);
            fflush(stdout);
        }
    }
    fprintf(stderr, "bench-block: writing failed\n");
    free(blocks);
    return 1;
}

static bool
is_good(const uint64_t *data, uint64_t flushed, uint64_t seed, int64_t at, int64_t n_blocks)
{
    for (size_t i = 1; i < BLOCK / sizeof(*data); i++) {
        if (data[i] != data[0]) {
            return false;
        }
    }
    return data[0] == flushed || (data[0] > flushed && place(seed, data[0], n_blocks) == at);
}

static int
check_blocks(VtBlock *block, uint64_t seed, uint64_t last)
{
    int64_t n_blocks = vt_block_length(block) / BLOCK;
    g_autofree uint64_t *flushed = g_new0(uint64_t, n_blocks);
    g_autofree uint64_t *data = g_malloc(BLOCK);
    unsigned later = 0;

    for (uint64_t stamp = 1; stamp <= last; stamp++) {
        flushed[place(seed, stamp, n_blocks)] = stamp;
    }
    for (int64_t at = 0; at < n_blocks; at++) {
        int left = 1;

        vt_block_read(block, at * BLOCK, data, BLOCK, on_answer, &left);
        wait_for(&left);
        if (failures || !is_good(data, flushed[at], seed, at, n_blocks)) {
            printf("block %" PRId64 " has stamp %" PRIu64 ", flushed was %" PRIu64 "\n", at, data[0], flushed[at]);
            return 1;
        }
        later += data[0] > last;
    }
    printf("%" PRIu64 " stamps flushed, %u blocks of later ones\n", last, later);
    return 0;
}

/* ---- load ---------------------------------------------------------------------------------------------- */

typedef struct Load {
    VtBlock *block;
    bool writes, random, over;
    size_t size;
    int64_t n_places, next, done;
    int running;
    GRand *chance;
} Load;

typedef struct Job {
    Load *load;
    void *data;
} Job;

static void submit(Job *job);

static void
on_done(void *opaque, int result)
{
    Job *job = opaque;

    failures += result != 0;
    job->load->done++;
    if (job->load->over || result) {
        job->load->running--;
    } else {
        submit(job);
    }
}

static void
submit(Job *job)
{
    Load *load = job->load;
    int64_t at =
        load->random ? g_rand_int_range(load->chance, 0, (gint32)load->n_places) : load->next++ % load->n_places;

    if (load->writes) {
        vt_block_write(load->block, at * (int64_t)load->size, job->data, load->size, 0, on_done, job);
    } else {
        vt_block_read(load->block, at * (int64_t)load->size, job->data, load->size, on_done, job);
    }
}

static gboolean
on_time(gpointer opaque)
{
    ((Load *)opaque)->over = true;
    return G_SOURCE_REMOVE;
}

static int
load_node(VtBlock *block, char **argv)
{
    Load load = {
        .block = block,
        .writes = strcmp(argv[0], "write") == 0,
        .random = strcmp(argv[1], "random") == 0,
        .size = strtoul(argv[2], NULL, 10),
        .running = (int)strtol(argv[3], NULL, 10),
        .chance = g_rand_new_with_seed(1),
    };
    g_autofree Job *jobs = g_new0(Job, load.running);
    gint64 start = g_get_monotonic_time();
    int depth = load.running;

    load.n_places = vt_block_length(block) / (int64_t)load.size;
    g_timeout_add((guint)strtoul(argv[4], NULL, 10), on_time, &load);
    for (int i = 0; i < depth; i++) {
        jobs[i].load = &load;
        if (posix_memalign(&jobs[i].data, BLOCK, load.size)) {
            return 1;
        }
        memset(jobs[i].data, i + 1, load.size);
        submit(&jobs[i]);
    }
    wait_for(&load.running);
    printf("%.0f\n", (double)load.done * 1e6 / (double)(g_get_monotonic_time() - start));
    for (int i = 0; i < depth; i++) {
        free(jobs[i].data);
    }
    g_rand_free(load.chance);
    return failures != 0;
}

/* ---- the test ------------------------------------------------------------------------------------------ */

static int
run(VtBlock *block, int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[0], "load") == 0) {
        return load_node(block, argv + 1);
    }
    if (argc == 2 && strcmp(argv[0], "stamp") == 0) {
        return stamp_blocks(block, strtoull(argv[1], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[0], "check") == 0) {
        return check_blocks(block, strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
    }
    fprintf(stderr, "usage: bench-block NODE load|stamp|check …\n");
    return 2;
}

static VtObject *
make_node(VtVm *vm, const char *json, GError **error)
{
    VtCreation creation = {
        .root = vt_schema_class(vt_context_schema(vt_vm_context(vm)), "blockdev"),
        .input = vt_input_new_json(json, strlen(json), "NODE"),
    };

    if (!vt_vm_plan(vm, &creation, 1, NULL, error) || !vt_vm_realize(vm, error)) {
        return NULL;
    }
    return vt_vm_find(vm, "block-node", "node");
}

int
main(int argc, char **argv)
{
    static const VtBlockUser user = {.title = "bench-block"};
    g_autoptr(VtSchema) schema = vt_schema_new(vt_program_vintage_vm.layers);
    g_autoptr(VtVm) vm = vt_vm_new(
        vt_context_new(schema, vt_platform_new(schema, 0, NULL, NULL), NULL, VT_TARGET_X86_64, NULL), NULL, 0, NULL);
    g_autoptr(GError) error = NULL;
    VtObject *node = argc > 2 ? make_node(vm, argv[1], &error) : NULL;
    VtBlock *block = node ? vt_block_open(node, &user, &error) : NULL;
    int status = 2;

    if (block) {
        status = run(block, argc - 2, argv + 2);
        vt_block_close(block);
    } else {
        fprintf(stderr, "bench-block: %s\n", error ? error->message : "which node, called 'node', and what?");
    }
    return status;
}
