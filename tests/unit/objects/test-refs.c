/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

static void
refuse(const char *message, const char *a, const char *b, const char *c, const char *d, const char *e, const char *f)
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    g_assert_false(world_plan(w, &error, a, b, c, d, e, f, NULL));
    world_assert_error(error, message);
}

VT_TEST(a_reference_is_bound_over_batch_and_tree, "/refs/bind")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    const VtPlainToy *toy;

    world_must_plan(w, "object", "store-ram,id=m,size=4096", NULL);
    world_must_plan(w, "device", "plain-toy,id=p,store=m", "device", "plain-toy,id=q,store=n", "object",
                    "store-ram,id=n,size=8192,next=m", NULL);
    toy = vt_object_config(world_object(w, "p"));
    g_assert_true(toy->store.target == world_object(w, "m"));
    /* A derived value sees the settled value of the referenced object. */
    world_assert_value(w, "q", "hint", "store-ram of 8192");
    g_assert_cmpint(world_origin(w, "q", "hint"), ==, VT_ORIGIN_DERIVED);
}

VT_TEST(a_missing_reference_gets_a_suggestion, "/refs/missing")
{
    refuse("store: no object 'mem1'; did you mean 'mem0'?", "object", "store-ram,id=mem0,size=1", "device",
           "plain-toy,store=mem1", NULL, NULL);
    refuse("-device inner-toy,netdev=x: netdev: no netdev 'x'", "device", "inner-toy,netdev=x", NULL, NULL, NULL, NULL);
}

VT_TEST(a_reference_of_the_wrong_class_says_so, "/refs/class")
{
    refuse("netdev: expected a netdev, got object 'm'", "object", "store-ram,id=m,size=1", "device",
           "inner-toy,netdev=m", NULL, NULL);
}

VT_TEST(a_cycle_is_named, "/refs/cycle")
{
    refuse("references form a cycle: a -> b -> a", "object", "store-ram,id=a,size=1,next=b", "object",
           "store-ram,id=b,size=1,next=a", NULL, NULL);
    refuse("references form a cycle: a -> a", "object", "store-ram,id=a,size=1,next=a", NULL, NULL, NULL, NULL);
    refuse("references form a cycle: up -> up", "device", "bridge-toy,id=up,bus=up", NULL, NULL, NULL, NULL);
}

VT_TEST(an_exclusive_reference_has_one_user, "/refs/exclusive")
{
    refuse("netdev 't' is already in use by device 'v'", "wire", "tap,id=t", "device", "inner-toy,id=v,netdev=t",
           "device", "inner-toy,id=w,netdev=t");
}

VT_TEST(what_is_in_use_is_not_deleted, "/refs/delete")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "object", "store-ram,id=m,size=1", "device", "plain-toy,id=p,store=m", NULL);
    g_assert_false(vt_vm_delete(w->vm, "object", "m", &error));
    world_assert_error(error, "object 'm' is in use by device 'p'");
    g_clear_error(&error);
    g_assert_true(vt_vm_delete(w->vm, "device", "p", &error));
    g_assert_true(vt_vm_delete(w->vm, "object", "m", &error));
    g_assert_no_error(error);
}

VT_TEST(the_machine_may_refer_to_what_comes_later, "/refs/machine")
{
    g_autoptr(World) w = world_new(NULL, "3.0");
    g_autoptr(GError) error = NULL;
    g_autoptr(VtInput) input = vt_input_new_option("memory-backend=m,cpus=3", NULL, "-machine", NULL);
    VtInput *inputs[] = {input};

    vt_vm_free(w->vm);
    w->vm = vt_vm_new(world_context(w->schema, "toy-q-2.0", "3.0"), inputs, 1, &error);
    g_assert_no_error(error);
    g_assert_false(world_plan(w, &error, "device", "inner-toy,id=v", NULL));
    world_assert_error(error, "memory-backend: no object 'm'");
    g_clear_error(&error);
    world_must_plan(w, "device", "inner-toy,id=v", "object", "store-ram,id=m,size=1", NULL);
    world_assert_value(w, "v", "queues", "3");
    g_assert_true(vt_vm_realize(w->vm, &error));
    g_assert_cmpstr(world_log->str, ==, "+m +toy-q +v +inner ");
    g_assert_false(vt_vm_delete(w->vm, "object", "m", &error));
    world_assert_error(error, "object 'm' is in use by the machine");
}

VT_TEST(ids_are_unique_per_kind_and_keys_tell_the_kind, "/refs/kinds")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");

    world_must_plan(w, "object", "store-ram,id=x,size=1", "wire", "tap,id=x", "device", "plain-toy,id=y", NULL);
    world_object(w, "object:x");
    world_object(w, "netdev:x");
    world_object(w, "y");
}

VT_TEST(a_claim_is_refused_to_a_second_user, "/refs/claim")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;
    const VtClaim claim = {.ramblock_name = "ram", .merge = -1, .dump = -1};
    const VtClaim shared = {.share = true, .merge = -1, .dump = -1};
    const VtPlainToy *toy;
    VtObject *p, *q;

    world_must_plan(w, "object", "store-ram,id=m,size=1", "device", "plain-toy,id=p,store=m", "device",
                    "plain-toy,id=q,store=m", NULL);
    p = world_object(w, "p");
    q = world_object(w, "q");
    toy = vt_object_config(p);
    g_assert_true(vt_backend_claim(p, &toy->store, &claim, &error));
    g_assert_true(vt_backend_claim(p, &toy->store, &claim, &error));
    g_assert_false(vt_backend_claim(q, &toy->store, &claim, &error));
    world_assert_error(error, "object 'm' is already in use by plain-toy 'p'");
    g_clear_error(&error);
    vt_backend_release(p);
    g_assert_true(vt_backend_claim(q, &toy->store, &shared, &error));
    g_assert_true(vt_backend_claim(p, &toy->store, &shared, &error));
    g_assert_no_error(error);
}

VT_TEST(a_claim_is_passed_down_a_chain_and_given_up_with_it, "/refs/claim-chain")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;
    const VtClaim claim = {.merge = -1, .dump = -1};
    const VtPlainToy *upper, *lower;
    VtObject *p, *q;

    world_must_plan(w, "object", "store-ram,id=top,size=1,next=bottom", "object", "store-ram,id=bottom,size=1",
                    "device", "plain-toy,id=p,store=top", "device", "plain-toy,id=q,store=bottom", NULL);
    p = world_object(w, "p");
    q = world_object(w, "q");
    upper = vt_object_config(p);
    lower = vt_object_config(q);
    g_assert_true(vt_backend_claim(p, &upper->store, &claim, &error));
    g_assert_false(vt_backend_claim(q, &lower->store, &claim, &error));
    world_assert_error(error, "object 'bottom' is already in use by store-ram 'top'");
    g_clear_error(&error);
    vt_backend_release(p);
    g_assert_true(vt_backend_claim(q, &lower->store, &claim, &error));
    g_assert_false(vt_backend_claim(p, &upper->store, &claim, &error));
    g_clear_error(&error);
    vt_backend_release(q);
    g_assert_true(vt_backend_claim(p, &upper->store, &claim, &error));
}
