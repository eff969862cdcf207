/* SPDX-License-Identifier: MIT */
/*
 * drive-node JSON MODE…: requests to the block node 'node' that the JSON text defines.
 *
 *   dump FILE           copies the data of the node to FILE
 *   model SEED N        submits N random requests, many at once, and compares the node with a model in memory
 *   map OFFSET LENGTH   prints the runs of the range: offset, size, "data" or "zero" or "unknown", and the depth
 *   resize LENGTH       changes the length
 *   fill OFFSET SIZE BYTE | zero OFFSET SIZE | discard OFFSET SIZE    one request, then a flush
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vt-backends/block.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/vm.h"

#define CHUNK     (1 << 20)
#define IN_FLIGHT 24
#define SIZE_MAX_ (300 << 10)

static int
complain(const char *what, int64_t offset)
{
    printf("%s at %" PRId64 "\n", what, offset);
    return 1;
}

static void
on_done(void *opaque, int result)
{
    *(int *)opaque = result;
}

#define PENDING 1

static int
await(const int *result)
{
    while (*result == PENDING) {
        g_main_context_iteration(NULL, TRUE);
    }
    return *result;
}

/* ---- one after another ---------------------------------------------------------------------------------- */

static int
read_at(VtBlock *block, int64_t offset, void *data, size_t size)
{
    int result = PENDING;

    vt_block_read(block, offset, data, size, on_done, &result);
    return await(&result);
}

static int
dump(VtBlock *block, const char *path)
{
    g_autofree char *data = g_malloc(CHUNK);
    FILE *file = fopen(path, "wb");
    int64_t length = vt_block_length(block);

    for (int64_t at = 0; at < length; at += CHUNK) {
        size_t size = (size_t)MIN(length - at, CHUNK);

        if (read_at(block, at, data, size) || fwrite(data, 1, size, file) != size) {
            fclose(file);
            return complain("reading failed", at);
        }
    }
    return fclose(file) != 0;
}

static int
one(VtBlock *block, char **argv, int argc)
{
    int64_t offset = strtoll(argv[1], NULL, 0), size = strtoll(argv[2], NULL, 0);
    g_autofree char *data = NULL;
    int result = PENDING;

    if (strcmp(argv[0], "fill") == 0) {
        data = g_malloc((size_t)size);
        memset(data, argc > 3 ? atoi(argv[3]) : 1, (size_t)size);
        vt_block_write(block, offset, data, (size_t)size, 0, on_done, &result);
    } else if (strcmp(argv[0], "zero") == 0) {
        vt_block_write_zeroes(block, offset, size, VT_BLOCK_MAY_UNMAP, on_done, &result);
    } else {
        vt_block_discard(block, offset, size, on_done, &result);
    }
    if (await(&result)) {
        printf("%s\n", g_strerror(-result));
        return 1;
    }
    result = PENDING;
    vt_block_flush(block, on_done, &result);
    return await(&result) != 0;
}

static int
map(VtBlock *block, int64_t offset, int64_t length)
{
    for (int64_t end = offset + length; offset < end;) {
        VtBlockStatus status;
        int result = PENDING;

        vt_block_status(block, offset, end - offset, &status, on_done, &result);
        if (await(&result) || status.size <= 0) {
            return complain("the status failed", offset);
        }
        printf("%" PRId64 " %" PRId64 " %s %u\n", offset, status.size,
               status.data   ? "data"
               : status.zero ? "zero"
                             : "unknown",
               status.depth);
        offset += status.size;
    }
    return 0;
}

/* ---- the model ------------------------------------------------------------------------------------------ */

typedef enum Kind { READ, WRITE, ZEROES, DISCARD, FLUSH, N_KINDS } Kind;

typedef struct Request {
    int result; /* 0: unused */
    bool used;
    Kind kind;
    int64_t offset, size;
    uint8_t *data;
} Request;

typedef struct Model {
    VtBlock *block;
    uint8_t *data, *unknown; /* of each byte; of each sector: it was discarded */
    Request requests[IN_FLIGHT];
    GRand *chance;
} Model;

/* Takes the answer of a request. */
static int
settle(Model *model, Request *request)
{
    int failure = 0;

    if (await(&request->result)) {
        return complain("a request failed", request->offset);
    }
    for (int64_t i = 0; request->kind == READ && i < request->size; i += 512) {
        if (!model->unknown[(request->offset + i) / 512] &&
            memcmp(request->data + i, model->data + request->offset + i, 512) != 0) {
            failure = complain("a read returned other data", request->offset + i);
            break;
        }
    }
    request->used = false;
    return failure;
}

static bool
overlaps(const Request *a, const Request *b)
{
    return a->used && a->kind != FLUSH && b->kind != FLUSH && a->offset < b->offset + b->size &&
           b->offset < a->offset + a->size && !(a->kind == READ && b->kind == READ);
}

static void
submit(Model *model, Request *request)
{
    VtBlock *block = model->block;

    request->used = true;
    request->result = PENDING;
    switch (request->kind) {
    case READ:
        vt_block_read(block, request->offset, request->data, (size_t)request->size, on_done, &request->result);
        return;
    case WRITE:
        for (int64_t i = 0; i < request->size; i += 4) {
            guint32 value = g_rand_int(model->chance);

            memcpy(request->data + i, &value, 4);
        }
        memcpy(model->data + request->offset, request->data, (size_t)request->size);
        vt_block_write(block, request->offset, request->data, (size_t)request->size,
                       g_rand_int_range(model->chance, 0, 20) ? 0 : VT_BLOCK_FUA, on_done, &request->result);
        break;
    case ZEROES:
        memset(model->data + request->offset, 0, (size_t)request->size);
        vt_block_write_zeroes(block, request->offset, request->size,
                              g_rand_boolean(model->chance) ? VT_BLOCK_MAY_UNMAP : 0, on_done, &request->result);
        break;
    case DISCARD:
        vt_block_discard(block, request->offset, request->size, on_done, &request->result);
        break;
    default:
        vt_block_flush(block, on_done, &request->result);
        return;
    }
    memset(model->unknown + request->offset / 512, request->kind == DISCARD, (size_t)(request->size / 512));
}

static Request
choose(Model *model)
{
    static const Kind kinds[] = {READ, READ, READ, WRITE, WRITE, WRITE, WRITE, ZEROES, DISCARD, FLUSH};
    gint32 sectors = (gint32)(vt_block_length(model->block) / 512), most = SIZE_MAX_ / 512;
    Request request = {.kind = kinds[g_rand_int_range(model->chance, 0, G_N_ELEMENTS(kinds))]};
    gint32 size = g_rand_int_range(model->chance, 1, g_rand_boolean(model->chance) ? 17 : most);
    gint32 at = g_rand_int_range(model->chance, 0, sectors);

    /* Many requests meet in one place. */
    if (g_rand_boolean(model->chance)) {
        at = sectors / 3 + g_rand_int_range(model->chance, 0, MIN(sectors / 3, 600));
    }
    size = MIN(size, sectors - at);
    request.offset = (int64_t)at * 512;
    request.size = (int64_t)size * 512;
    return request;
}

static int
run_requests(Model *model, int n)
{
    for (int i = 0; i < n; i++) {
        Request next = choose(model), *place = NULL;

        for (int j = 0; j < IN_FLIGHT; j++) {
            Request *request = &model->requests[j];

            if (request->used && (request->result != PENDING || overlaps(request, &next)) && settle(model, request)) {
                return 1;
            }
            place = request->used ? place : request;
        }
        if (!place) {
            place = &model->requests[i % IN_FLIGHT];
            if (settle(model, place)) {
                return 1;
            }
        }
        next.data = place->data;
        *place = next;
        submit(model, place);
        g_main_context_iteration(NULL, FALSE);
    }
    for (int j = 0; j < IN_FLIGHT; j++) {
        if (model->requests[j].used && settle(model, &model->requests[j])) {
            return 1;
        }
    }
    return 0;
}

static int
compare(Model *model)
{
    int64_t length = vt_block_length(model->block);
    g_autofree uint8_t *data = g_malloc(CHUNK);

    for (int64_t at = 0; at < length; at += 512) {
        if (at % CHUNK == 0 && read_at(model->block, at, data, (size_t)MIN(length - at, CHUNK))) {
            return complain("reading failed", at);
        }
        if (!model->unknown[at / 512] && memcmp(data + at % CHUNK, model->data + at, 512) != 0) {
            return complain("the node has other data", at);
        }
    }
    printf("equal\n");
    return 0;
}

static int
run_model(VtBlock *block, guint32 seed, int n)
{
    int64_t length = vt_block_length(block);
    Model model = {.block = block, .data = g_malloc((gsize)length), .chance = g_rand_new_with_seed(seed)};
    int status = 0;

    model.unknown = g_malloc0((gsize)length / 512);
    for (int64_t at = 0; at < length && !status; at += CHUNK) {
        status = read_at(block, at, model.data + at, (size_t)MIN(length - at, CHUNK)) != 0;
    }
    for (int i = 0; i < IN_FLIGHT; i++) {
        model.requests[i].data = g_malloc(SIZE_MAX_);
    }
    status = status || run_requests(&model, n) || compare(&model);
    if (status) {
        fflush(stdout);
        exit(status);
    }
    for (int i = 0; i < IN_FLIGHT; i++) {
        g_free(model.requests[i].data);
    }
    g_free(model.data);
    g_free(model.unknown);
    g_rand_free(model.chance);
    return status;
}

/* ---- all ------------------------------------------------------------------------------------------------ */

static int
run(VtObject *node, VtBlock *block, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    if (argc == 2 && strcmp(argv[0], "dump") == 0) {
        return dump(block, argv[1]);
    }
    if (argc == 3 && strcmp(argv[0], "model") == 0) {
        return run_model(block, (guint32)strtoul(argv[1], NULL, 10), atoi(argv[2]));
    }
    if (argc == 2 && strcmp(argv[0], "resize") == 0) {
        if (!vt_block_resize(node, strtoll(argv[1], NULL, 10), &error)) {
            printf("%s\n", error->message);
        }
        return error != NULL;
    }
    if (argc == 3 && strcmp(argv[0], "map") == 0) {
        return map(block, strtoll(argv[1], NULL, 10), strtoll(argv[2], NULL, 10));
    }
    if (argc >= 3) {
        return one(block, argv, argc);
    }
    fprintf(stderr, "usage: drive-node JSON dump|model|map|resize|fill|zero|discard …\n");
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
    bool reads = argc > 2 && (strcmp(argv[2], "dump") == 0 || strcmp(argv[2], "map") == 0);
    const VtBlockUser user = {.title = "drive-node", .read_only = reads};
    g_autoptr(VtSchema) schema = vt_schema_new(vt_program_vintage_vm.layers);
    g_autoptr(VtVm) vm = vt_vm_new(
        vt_context_new(schema, vt_platform_new(schema, 0, NULL, NULL), NULL, VT_TARGET_X86_64, NULL), NULL, 0, NULL);
    g_autoptr(GError) error = NULL;
    VtObject *node = argc > 2 ? make_node(vm, argv[1], &error) : NULL;
    VtBlock *block = node ? vt_block_open(node, &user, &error) : NULL;
    int status = 2;

    if (block) {
        status = run(node, block, argc - 2, argv + 2);
        vt_block_close(block);
    } else {
        fprintf(stderr, "drive-node: %s\n", error ? error->message : "which node, called 'node', and what?");
    }
    return status;
}
