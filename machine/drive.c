/* SPDX-License-Identifier: MIT */
/*
 * -drive: the numbers and names of drives, and the block nodes below them.
 */
#include "drive.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/expansion.h"

#define DISKS_PER_IDE_BUS  2
#define DISKS_PER_SCSI_BUS 7

typedef struct Drives {
    VtExpansion *expansion;
    VtDriveOption *drives;
    size_t n;
} Drives;

static void
set_str(const Drives *all, VtDriveOption *drive, char **field, const char *member, char *value)
{
    g_free(*field);
    *field = value;
    vt_expansion_mark(all->expansion, drive, member);
}

static const char *
interface_name(const VtExpansion *expansion, VtBlockInterfaceType type)
{
    return vt_enum_name(vt_expansion_schema(expansion), "BlockInterfaceType", type);
}

/* ---- interface ----------------------------------------------------------------------------------------- */

static VtBlockInterfaceType
default_interface(const VtExpansion *expansion)
{
    const VtMachineConfig *machine = vt_expansion_machine(expansion);

    for (VtBlockInterfaceType i = 0; machine->block_default_type && i < VT_DRIVE__MAX; i++) {
        if (strcmp(machine->block_default_type, interface_name(expansion, i)) == 0) {
            return i;
        }
    }
    return VT_DRIVE_NONE;
}

/* The number of drives on a bus of the interface; 0: there is one bus without a limit. */
static int64_t
drives_per_bus(const VtExpansion *expansion, VtBlockInterfaceType type)
{
    const VtMachineConfig *machine = vt_expansion_machine(expansion);

    if (machine->units_per_default_bus && type == default_interface(expansion)) {
        return machine->units_per_default_bus;
    }
    return type == VT_DRIVE_IDE ? DISKS_PER_IDE_BUS : type == VT_DRIVE_SCSI ? DISKS_PER_SCSI_BUS : 0;
}

static bool
has_interface(const VtMachineConfig *machine, VtBlockInterfaceType type)
{
    if (type == VT_DRIVE_NONE || type == VT_DRIVE_VIRTIO) {
        return true;
    }
    for (size_t i = 0; i < machine->drive_interfaces.n; i++) {
        if (machine->drive_interfaces.v[i] == type) {
            return true;
        }
    }
    return false;
}

/* ---- numbers ------------------------------------------------------------------------------------------- */

static const VtDriveOption *
at(const Drives *all, const VtDriveOption *before, VtBlockInterfaceType type, int64_t bus, int64_t unit)
{
    for (const VtDriveOption *each = all->drives; each < before; each++) {
        if (each->q_if == type && each->bus == bus && each->unit == unit &&
            !vt_expansion_is_dropped(all->expansion, each)) {
            return each;
        }
    }
    return NULL;
}

static bool
number(const Drives *all, VtDriveOption *drive, GError **error)
{
    int64_t limit = drives_per_bus(all->expansion, drive->q_if), index = drive->index;

    if (index != -1) {
        if (drive->bus > 0 || drive->unit != -1) {
            return vt_expansion_fail(all->expansion, drive, error, "index: cannot be combined with 'bus' and 'unit'");
        }
        drive->bus = limit ? index / limit : 0;
        drive->unit = limit ? index % limit : index;
    }
    if (drive->bus == -1) {
        drive->bus = 0;
    }
    if (drive->unit == -1) {
        drive->unit = 0;
        while (at(all, drive, drive->q_if, drive->bus, drive->unit)) {
            drive->unit++;
            if (limit && drive->unit >= limit) {
                drive->unit -= limit;
                drive->bus++;
            }
        }
    }
    if (limit && drive->unit >= limit) {
        return vt_expansion_fail(all->expansion, drive, error,
                                 "unit: '%" G_GINT64_FORMAT "' is out of range; expected 0 to %" G_GINT64_FORMAT,
                                 drive->unit, limit - 1);
    }
    if (at(all, drive, drive->q_if, drive->bus, drive->unit)) {
        if (vt_expansion_is_default(all->expansion, drive)) {
            vt_expansion_drop(all->expansion, drive);
            return true;
        }
        return vt_expansion_fail(all->expansion, drive, error,
                                 "%s: another drive is at if=%s,bus=%" G_GINT64_FORMAT ",unit=%" G_GINT64_FORMAT,
                                 index != -1 ? "index" : "unit", interface_name(all->expansion, drive->q_if),
                                 drive->bus, drive->unit);
    }
    return true;
}

/* As QEMU names drives: "ide0-hd1", "scsi0-cd2", "virtio0". */
static char *
name_of(const Drives *all, const VtDriveOption *drive)
{
    const char *media = drive->media == VT_DRIVE_MEDIA_CDROM ? "-cd" : "-hd";

    if (drive->q_if != VT_DRIVE_IDE && drive->q_if != VT_DRIVE_SCSI) {
        media = "";
    }
    if (drives_per_bus(all->expansion, drive->q_if)) {
        return g_strdup_printf("%s%" G_GINT64_FORMAT "%s%" G_GINT64_FORMAT, interface_name(all->expansion, drive->q_if),
                               drive->bus, media, drive->unit);
    }
    return g_strdup_printf("%s%s%" G_GINT64_FORMAT, interface_name(all->expansion, drive->q_if), media, drive->unit);
}

/* ---- block nodes --------------------------------------------------------------------------------------- */

static const char *
on_off(bool value)
{
    return value ? "on" : "off";
}

/* Takes the cache mode apart.  Single settings override it. */
static void
set_cache(const Drives *all, VtDriveOption *drive)
{
    static const struct {
        bool writeback, direct, no_flush;
    } modes[] = {
        [VT_DRIVE_CACHE_MODE_NONE] = {true, true, false},
        [VT_DRIVE_CACHE_MODE_OFF] = {true, true, false},
        [VT_DRIVE_CACHE_MODE_WRITEBACK] = {true, false, false},
        [VT_DRIVE_CACHE_MODE_UNSAFE] = {true, false, true},
        [VT_DRIVE_CACHE_MODE_WRITETHROUGH] = {false, false, false},
        [VT_DRIVE_CACHE_MODE_DIRECTSYNC] = {false, true, false},
    };
    if (!vt_expansion_has(all->expansion, drive, "cache")) {
        drive->cache = VT_DRIVE_CACHE_MODE_WRITEBACK;
    }
    if (!vt_expansion_has(all->expansion, drive, "caching.writeback")) {
        drive->caching.writeback = modes[drive->cache].writeback;
    }
    if (!vt_expansion_has(all->expansion, drive, "caching.direct")) {
        drive->caching.direct = modes[drive->cache].direct;
    }
    if (!vt_expansion_has(all->expansion, drive, "caching.no-flush")) {
        drive->caching.no_flush = modes[drive->cache].no_flush;
    }
    vt_expansion_mark(all->expansion, drive, "caching.writeback");
}

/* Members that a format node and its file have. */
static void
add_common(const VtDriveOption *drive, GArray *node, const char *prefix)
{
    if (drive->caching.direct) {
        vt_drive_add(node, prefix, "cache.direct", "on");
    }
    if (drive->caching.no_flush) {
        vt_drive_add(node, prefix, "cache.no-flush", "on");
    }
}

static const char *
setting_of(const VtDriveOption *drive, const char *key)
{
    for (size_t i = 0; i < drive->rest.n; i++) {
        if (strcmp(drive->rest.v[i].key, key) == 0) {
            return drive->rest.v[i].value;
        }
    }
    return NULL;
}

static bool
has_setting_below(const VtDriveOption *drive, const char *prefix)
{
    for (size_t i = 0; i < drive->rest.n; i++) {
        if (g_str_has_prefix(drive->rest.v[i].key, prefix)) {
            return true;
        }
    }
    return false;
}

static void
add_aio(const Drives *all, const VtDriveOption *drive, GArray *node, const char *prefix)
{
    if (vt_expansion_has(all->expansion, drive, "aio")) {
        vt_drive_add(node, prefix, "aio",
                     vt_enum_name(vt_expansion_schema(all->expansion), "BlockdevAioOptions", drive->aio));
    }
}

/* The class of the node that has the member @key; NULL: its driver is not given.  *@ret_owner: the key of the node. */
static const VtClassInfo *
class_of(const Drives *all, const VtDriveOption *drive, const char *key, char **ret_owner)
{
    const VtSchema *schema = vt_expansion_schema(all->expansion);
    const char *dot = strrchr(key, '.');
    g_autofree char *owner = dot ? g_strndup(key, (size_t)(dot - key)) : g_strdup("");
    g_autofree char *tag_key = g_strconcat(owner, *owner ? "." : "", "driver", NULL);
    const char *driver = *owner ? setting_of(drive, tag_key) : drive->driver;

    *ret_owner = g_steal_pointer(&owner);
    return driver ? vt_schema_class_by_tag(schema, vt_schema_class(schema, "blockdev"), driver) : NULL;
}

/* Whether the member is an integer.  Without a class, its name decides. */
static bool
may_be_size(const VtClassInfo *class, const char *name)
{
    const VtProp *prop = class ? vt_class_prop(class, name, strlen(name)) : NULL;

    return prop ? prop->row->kind >= VT_KIND_INT8 && prop->row->kind <= VT_KIND_SIZE
                : g_str_has_suffix(name, "size") || g_str_has_suffix(name, "offset");
}

/* A size with a suffix in bytes, as the member of a block driver is an integer; other values stay. */
static char *
plain_size(const VtClassInfo *class, const char *name, const char *value)
{
    static const char suffixes[] = "kmgtpe";
    const char *found;
    char *end;
    double number = g_ascii_strtod(value, &end);

    found = end != value && *end && !end[1] ? strchr(suffixes, g_ascii_tolower(*end)) : NULL;
    if (!found || !g_ascii_isdigit(*value) || !may_be_size(class, name)) {
        return g_strdup(value);
    }
    for (const char *each = suffixes; each <= found; each++) {
        number *= 1024;
    }
    return g_strdup_printf("%.0f", number);
}

/* The node whose file name is the setting @key; NULL: it is no file name, or the node has a driver.  The caller frees
 * the text. */
static char *
named_node(const VtDriveOption *drive, const char *key)
{
    g_autofree char *stem =
        g_str_has_suffix(key, ".filename") ? g_strndup(key, strlen(key) - strlen(".filename")) : NULL;
    g_autofree char *driver = stem ? g_strconcat(stem, ".driver", NULL) : NULL;

    return stem && !setting_of(drive, driver) ? g_steal_pointer(&stem) : NULL;
}

typedef struct ShortKey {
    GArray *node;
    const char *prefix, *stem;
} ShortKey;

/* Adds a member that the node does not have yet. */
static void
add_member(const char *member, const char *value, void *opaque)
{
    const ShortKey *key = opaque;
    g_autofree char *below = g_strconcat(key->prefix, *key->prefix && *key->stem ? "." : "", key->stem, NULL);
    g_autofree char *whole = g_strconcat(below, *below ? "." : "", member, NULL);

    for (guint i = 0; i < key->node->len; i++) {
        if (strcmp(g_array_index(key->node, VtDriveSetting, i).key, whole) == 0) {
            return;
        }
    }
    vt_drive_add(key->node, "", whole, value);
}

/* The members that the user gave by name, below @prefix.  Keys of the file are complete. */
static bool
add_rest(const Drives *all, const VtDriveOption *drive, GArray *node, const char *prefix, GError **error)
{
    for (size_t i = 0; i < drive->rest.n; i++) {
        const VtDriveSetting *setting = &drive->rest.v[i];
        g_autofree char *owner = NULL, *value = NULL, *named = named_node(drive, setting->key);
        const VtClassInfo *class = class_of(all, drive, setting->key, &owner);
        const char *name = setting->key + strlen(owner) + (*owner != '\0');
        /* Without a format, the node that stores the data is the top one. */
        size_t skip = drive->detect_format && g_str_has_prefix(setting->key, "file.") ? strlen("file.") : 0;
        ShortKey key = {node, prefix, strlen(owner) > skip ? owner + skip : ""};

        value = plain_size(class, name, setting->value);
        /* A key may be short for members of the node's driver, as 'host' of an NBD client. */
        if (class && vt_class_expand_short(class, name, value, add_member, &key)) {
            continue;
        }
        if (!named) {
            vt_drive_add(node, prefix, setting->key + skip, value);
        } else if (strcmp(named, "file") != 0) {
            g_autofree char *below = g_strconcat(prefix, *prefix ? "." : "", named + skip, NULL);
            g_autoptr(GError) failure = NULL;

            if (!vt_drive_add_file(node, below, value, &failure)) {
                return vt_expansion_fail(all->expansion, drive, error, "%s", failure->message);
            }
        }
    }
    return true;
}

/* The node that stores the data, below @prefix. */
static bool
add_storage(const Drives *all, const VtDriveOption *drive, GArray *node, const char *prefix, GError **error)
{
    const char *file = drive->file && *drive->file        ? drive->file
                       : setting_of(drive, "file.driver") ? NULL
                                                          : setting_of(drive, "file.filename");
    g_autoptr(GError) failure = NULL;
    guint first = node->len;

    if (file && !vt_drive_add_file(node, prefix, file, &failure)) {
        return vt_expansion_fail(all->expansion, drive, error, "%s", failure->message);
    }
    for (guint i = first; i < node->len; i++) {
        const VtDriveSetting *setting = &g_array_index(node, VtDriveSetting, i);

        if (g_str_has_suffix(setting->key, "driver") &&
            (strcmp(setting->value, "file") == 0 || g_str_has_prefix(setting->value, "host_"))) {
            add_aio(all, drive, node, prefix);
            break;
        }
    }
    return true;
}

static void
add_top(const Drives *all, const VtDriveOption *drive, GArray *node)
{
    const char *prefix = drive->copy_on_read ? "file" : "";
    bool discards = drive->discard == VT_DRIVE_DISCARD_UNMAP || drive->discard == VT_DRIVE_DISCARD_ON;

    vt_drive_add(node, prefix, "read-only", on_off(drive->read_only));
    if (drive->auto_read_only) {
        vt_drive_add(node, prefix, "auto-read-only", "on");
    }
    if (drive->force_share) {
        vt_drive_add(node, prefix, "force-share", "on");
    }
    if (discards) {
        vt_drive_add(node, prefix, "discard", "unmap");
    }
    if (vt_expansion_has(all->expansion, drive, "detect-zeroes")) {
        VtBlockdevDetectZeroesOptions mode = drive->detect_zeroes;

        /* Zeroes of a drive that ignores discards are written, as fast as possible. */
        if (mode == VT_BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP && !discards) {
            mode = VT_BLOCKDEV_DETECT_ZEROES_OPTIONS_ON;
        }
        vt_drive_add(node, prefix, "detect-zeroes",
                     vt_enum_name(vt_expansion_schema(all->expansion), "BlockdevDetectZeroesOptions", mode));
    }
    if (drive->node_name) {
        vt_drive_add(node, prefix, "node-name", drive->node_name);
    }
    add_common(drive, node, prefix);
}

static bool
add_node(const Drives *all, VtDriveOption *drive, GArray *node, GError **error)
{
    bool has_file = (drive->file && *drive->file) || has_setting_below(drive, "file");
    bool protocol = drive->driver && (vt_drive_is_protocol(drive->driver) && !has_setting_below(drive, "file"));
    const char *prefix = drive->copy_on_read ? "file" : "";
    g_autofree char *below = g_strconcat(prefix, *prefix ? "." : "", "file", NULL);

    if (!has_file && !drive->driver && !drive->rest.n) {
        return true;
    }
    if (!has_file && drive->driver && !protocol) {
        /* A drive without a medium may state the format of media to come. */
        return !drive->rest.n ||
               vt_expansion_fail(all->expansion, drive, error, "file: expected a file for format '%s'", drive->driver);
    }
    if (drive->copy_on_read) {
        vt_drive_add(node, "", "driver", "copy-on-read");
    }
    if (protocol) {
        guint first = node->len;

        if (!add_storage(all, drive, node, prefix, error)) {
            return false;
        }
        if (node->len == first || !g_str_has_suffix(g_array_index(node, VtDriveSetting, first).key, "driver")) {
            vt_drive_add(node, prefix, "driver", drive->driver);
        } else {
            VtDriveSetting *setting = &g_array_index(node, VtDriveSetting, first);

            g_free(setting->value);
            setting->value = g_strdup(drive->driver);
        }
        if (!drive->file || !*drive->file) {
            add_aio(all, drive, node, prefix);
        }
    } else if (drive->driver) {
        vt_drive_add(node, prefix, "driver", drive->driver);
        if (!add_storage(all, drive, node, below, error)) {
            return false;
        }
        add_common(drive, node, below);
        if (!has_setting_below(drive, "file.read-only") && !has_setting_below(drive, "file.auto-read-only")) {
            vt_drive_add(node, below, drive->read_only ? "read-only" : "auto-read-only", "on");
        }
        if (!has_setting_below(drive, "file.discard")) {
            vt_drive_add(node, below, "discard", "unmap");
        }
    } else {
        drive->detect_format = true;
        if (!add_storage(all, drive, node, prefix, error)) {
            return false;
        }
    }
    add_top(all, drive, node);
    return add_rest(all, drive, node, prefix, error);
}

/* ---- drives -------------------------------------------------------------------------------------------- */

static void
set_defaults(const Drives *all, VtDriveOption *drive)
{
    VtExpansion *expansion = all->expansion;

    if (!vt_expansion_has(expansion, drive, "if")) {
        drive->q_if = default_interface(expansion);
        vt_expansion_mark(expansion, drive, "if");
    }
    if (!vt_expansion_has(expansion, drive, "snapshot")) {
        drive->snapshot = vt_expansion_uses(expansion, "snapshot");
        vt_expansion_mark(expansion, drive, "snapshot");
    }
    if (drive->media == VT_DRIVE_MEDIA_CDROM) {
        drive->read_only = true;
    }
    vt_expansion_mark(expansion, drive, "read-only");
    if (!vt_expansion_has(expansion, drive, "auto-read-only")) {
        drive->auto_read_only = !drive->read_only;
    }
    set_cache(all, drive);
}

static bool
check(const Drives *all, const VtDriveOption *drive, GError **error)
{
    static const char *const members[] = {"werror", "rerror"};
    bool handles = drive->q_if == VT_DRIVE_IDE || drive->q_if == VT_DRIVE_SCSI || drive->q_if == VT_DRIVE_VIRTIO ||
                   drive->q_if == VT_DRIVE_NONE;

    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        if (vt_expansion_has(all->expansion, drive, members[i]) && !handles) {
            return vt_expansion_fail(all->expansion, drive, error, "%s: not supported by if=%s", members[i],
                                     interface_name(all->expansion, drive->q_if));
        }
    }
    return true;
}

static bool
check_id(const Drives *all, const VtDriveOption *drive, GError **error)
{
    for (const VtDriveOption *each = all->drives; drive->id && each < drive; each++) {
        if (g_strcmp0(each->id, drive->id) == 0 && !vt_expansion_is_dropped(all->expansion, each)) {
            return vt_expansion_fail(all->expansion, drive, error, "id: '%s' is the id of another drive", drive->id);
        }
    }
    return true;
}

static bool
settle(const Drives *all, VtDriveOption *drive, GError **error)
{
    const VtMachineConfig *machine = vt_expansion_machine(all->expansion);
    g_autoptr(GArray) node = g_array_new(FALSE, FALSE, sizeof(VtDriveSetting));

    set_defaults(all, drive);
    if (!check(all, drive, error) || !check_id(all, drive, error) || !number(all, drive, error)) {
        return false;
    }
    if (vt_expansion_is_dropped(all->expansion, drive)) {
        return true;
    }
    if (!drive->id) {
        set_str(all, drive, &drive->id, "id", name_of(all, drive));
    }
    if (!has_interface(machine, drive->q_if)) {
        if (!vt_expansion_is_default(all->expansion, drive)) {
            return vt_expansion_fail(all->expansion, drive, error,
                                     "the machine does not support if=%s,bus=%" G_GINT64_FORMAT
                                     ",unit=%" G_GINT64_FORMAT,
                                     interface_name(all->expansion, drive->q_if), drive->bus, drive->unit);
        }
        /* The board has no device for the default drive, which stays without one. */
        drive->q_if = VT_DRIVE_NONE;
    }
    drive->controller = drive->unit == 0 || !at(all, drive, drive->q_if, drive->bus, 0);
    for (const VtDriveOption *each = all->drives; drive->controller && each < drive; each++) {
        drive->controller = each->q_if != drive->q_if || each->bus != drive->bus;
    }
    if (!add_node(all, drive, node, error)) {
        for (guint i = 0; i < node->len; i++) {
            g_free(g_array_index(node, VtDriveSetting, i).key);
            g_free(g_array_index(node, VtDriveSetting, i).value);
        }
        return false;
    }
    if (node->len) {
        drive->node.n = node->len;
        drive->node.v = g_memdup2(node->data, node->len * sizeof(VtDriveSetting));
        vt_expansion_mark(all->expansion, drive, "node");
    }
    return true;
}

bool
vt_expand_drive(VtExpansion *expansion, VtDriveOption *drives, size_t n, GError **error)
{
    const Drives all = {expansion, drives, n};

    for (size_t i = 0; i < n; i++) {
        if (!settle(&all, &drives[i], error)) {
            return false;
        }
    }
    return true;
}
