/* SPDX-License-Identifier: MIT */
/*
 * Tables of a program: its options, commands and events.  qapi-gen writes them.
 */
#pragma once

#include "vt-runtime/table.h"

enum { /* VtOption.flags */
       VT_OPTION_MULTIPLE = 1 << 0,
       VT_OPTION_CREATES = 1 << 1, /* its type is a creation union; root is the root class */
       VT_OPTION_FLAG = 1 << 2,    /* takes no argument */
       VT_OPTION_EXPANDS = 1 << 3,
       VT_OPTION_BARE_KEYS = 1 << 4, /* a key without a value means 'on', or 'off' after 'no' */
       VT_OPTION_SENSITIVE = 1 << 5, /* its value may contain a sensitive value */
       VT_OPTION_LATE = 1 << 6,      /* expands when the machine is known */
       VT_OPTION_RECORDED = 1 << 7,  /* has no implementation: a program that starts refuses it */
};

/* What the runtime does with the value of an option.  One option of a program, and its aliases, may have each role. */
typedef enum VtRole {
    VT_ROLE_NONE,
    VT_ROLE_SECTIONS,         /* a file whose sections are values of options */
    VT_ROLE_CHANGE,           /* a setting of an earlier value */
    VT_ROLE_CONFIGURATION,    /* a configuration file, which is read before other options */
    VT_ROLE_HELP,             /* prints the options */
    VT_ROLE_TARGET,           /* name of the target */
    VT_ROLE_GLOBAL,           /* a default of a class */
    VT_ROLE_PLATFORM_VERSION, /* name of a version */
    VT_ROLE_PROBE_FILE,       /* a file with results of probes */
    VT_ROLE_SCHEMA,           /* a file with definitions from outside the program */
    VT_ROLE_MACHINE,          /* creates the machine */
    VT_ROLE_ACCELERATOR,      /* creates accelerators, one of which is used */
    VT_ROLE_MIGRATABLE,       /* refuses objects that block migration */
    VT_ROLE_PRECONFIG,        /* commands complete the configuration */
    VT_ROLE_PROCESSORS,       /* the model of the processors */
    VT_ROLE_DRIVES,           /* block backends, each with the place of its device */
    VT_ROLE_ENGINE,           /* the process that runs the guest */
    VT_ROLE__MAX
} VtRole;

/* When, and how, the command line of an engine has the option. */
typedef enum VtEngineUse {
    VT_ENGINE_ALWAYS,
    VT_ENGINE_JSON,  /* its value may be JSON */
    VT_ENGINE_ALONE, /* only without our program, which carries it out itself */
    VT_ENGINE_NEVER,
    VT_ENGINE_FIXED, /* a flag that each engine has, whether the user gives it or not */
} VtEngineUse;

struct VtExpansion;

typedef struct VtOption {
    const char *name;
    const char *section;      /* name of its sections in files, or NULL: @name */
    const char *forms;        /* JSON text of the forms of its texts, or NULL */
    const char *counted_with; /* name of the option whose uses it continues to count, or NULL: its own */
    const VtTexts *texts;
    const char *implied_key;    /* may be NULL */
    const char *engine_default; /* its value, without the option, if an engine runs the VM; or NULL */
    /* A key of the option @key_of, whose texts of the forms @key_forms stand for values of this option; or NULL. */
    const char *key_of, *key, *key_forms;
    const char *root;       /* root class of the objects that it creates, or NULL */
    const char *expands_to; /* JSON text of the list of templates, or NULL */
    /* Expands @text, a value of the option, as expands_to does; may be NULL. @index: number of earlier uses of the
     * option. Returns a new reference; NULL and @error on failure. */
    struct json_object *(*expand)(const char *text, unsigned index, GError **error);
    /* Settles the structs of all uses of a late option, before its templates apply; may be NULL. @values: an array of
     * @n structs of @type. Returns false and sets @error on failure. */
    bool (*expand_all)(struct VtExpansion *expansion, void *values, size_t n, GError **error);
    const char *otherwise;      /* JSON text of the list of templates that apply without the option, or NULL */
    const char *const *renames; /* pairs key, member: other names of keys; ends with NULL; or NULL */
    /* The member that holds other keys, a list of key and value; or NULL.  They are members of a class below rest_root,
     * whose tag is the value of the member rest_tag. */
    const char *rest, *rest_root, *rest_tag;
    const char *const
        *globals; /* triples key, class, member: keys that are globals of a class; ends with NULL; or NULL */
    const char *const *excludes; /* options that cannot be used together with it; ends with NULL; or NULL */
    /* Pairs option, value: the value that another option has, where it is used; ends with NULL; or NULL. */
    const char *const *wants;
    const char *const *engine_lacks; /* members of its value that no engine has; ends with NULL; or NULL */
    /* Ids of default character devices that an engine has a human monitor on; ends with NULL; or NULL. */
    const char *const *default_chardevs;
    const char *const *whole_keys; /* bare keys whose 'no' is a part of the name; ends with NULL; or NULL */
    const char *once;              /* member that one use of the option at most has; or NULL */
    const char *requires;          /* option without which it cannot be used; or NULL */
    const char *help_of;           /* option whose help this flag prints; or NULL */
    const char *metavar;           /* name of the argument in --help */
    /* By target: suffix that completes the option's value to the name of the class to create; or NULL. */
    const char *const *class_suffixes;
    const VtRow *row; /* its row in the options struct; NULL: it creates or expands */
    uint32_t doc;     /* into its texts */
    VtLife life;
    uint16_t type;  /* global type, or 0; for an option that expands, the type of its value */
    uint8_t kind;   /* VtKind */
    uint8_t role;   /* VtRole */
    uint8_t engine; /* VtEngineUse */
    uint8_t group;  /* number of its group in the help, from 1; 0: none */
    uint8_t flags;
    uint16_t targets; /* mask of VT_TARGET_*; 0: all */
    char separator;   /* between values in one text; 0: the text is one value */
    bool words;       /* an argument that is no option is a value of it */
} VtOption;

enum {                              /* VtCommand.flags */
       VT_COMMAND_CREATES = 1 << 0, /* the arguments are a creation union */
       VT_COMMAND_RAW = 1 << 1,     /* 'gen': false: the function gets its arguments as a json_object */
       VT_COMMAND_OOB = 1 << 2,
       VT_COMMAND_PRECONFIG = 1 << 3,
       VT_COMMAND_NO_RESPONSE = 1 << 4,
       VT_COMMAND_OWN = 1 << 5, /* the program runs it also when an engine runs the VM */
       VT_COMMAND_UNSTABLE = 1 << 6,
};

struct VtMonitor;
typedef struct VtCommand {
    const char *name;
    const VtTexts *texts;
    uint32_t doc; /* into its texts */
    VtLife life;
    const char *root;  /* creations: name of the root class */
    uint16_t arg_type; /* global struct type; 0: no arguments */
    uint16_t ret_type; /* global type; 0: a built-in kind, or none */
    uint8_t ret_kind;  /* VtKind of the result, or VT_KIND_NONE */
    uint8_t flags;
    const char *metrics; /* JSON text of the arguments with which its result has metrics; NULL: it has none */
    /*
     * Runs the command. @arg is the decoded arguments, borrowed; for a creation, the created object. @ret is zeroed
     * memory of ret_type, or a json_object ** for ANY. Returns false and sets @error on failure. May be NULL for a
     * creation without a result.
     */
    bool (*run)(struct VtMonitor *monitor, void *arg, void *ret, GError **error);
} VtCommand;

/* How the human monitor reads an argument, a row of the struct of the arguments. */
typedef struct VtHmpArg {
    char flag;          /* letter of an option without a value, as in "-f"; 0: the argument is positional */
    uint8_t shift;      /* a number is multiplied by 1 << shift */
    bool rest;          /* the rest of the line */
    const char *refers; /* root class of the objects whose ids complete it, or NULL */
    const char *option; /* option of the command line whose value it is, or NULL */
} VtHmpArg;

enum {                         /* VtHmp.flags */
       VT_HMP_OWN = 1 << 0,    /* the program runs it also when an engine runs the VM */
       VT_HMP_ENGINE = 1 << 1, /* only an engine runs it */
       VT_HMP_RELAYED = 1 << 2 /* if an engine runs the VM, it runs the line, whatever 'runs' names */
};

/* A command of the human monitor.  It runs a QMP command or a function. */
typedef struct VtHmp {
    const char *name;           /* "quit" or "info status" */
    const char *const *aliases; /* ends with NULL; or NULL */
    const VtTexts *texts;
    uint32_t doc;      /* into its texts */
    uint16_t arg_type; /* global struct type of its arguments, in their order; 0: none */
    uint16_t targets;  /* mask of VT_TARGET_*; 0: all */
    uint8_t n_args;
    uint8_t flags;
    const VtHmpArg *args;  /* by row of arg_type */
    const char *adds;      /* class, of whose kind is all that the value of an argument's option stands for; or NULL */
    const char *help_of;   /* option whose help it shows, or NULL */
    const char *runs;      /* QMP command, or NULL */
    const char *arguments; /* JSON text of the template of its arguments; NULL: those of the same names */
    const char *shows;     /* JSON text of the lines that show its answer; NULL: each member on a line */
    /* Runs the command, and appends what it prints to @text; NULL: see @runs. */
    bool (*run)(struct VtMonitor *monitor, const void *arg, GString *text, GError **error);
} VtHmp;

typedef struct VtEvent {
    const char *name;
    const VtTexts *texts;
    VtLife life;
} VtEvent;

typedef struct VtIntrospection {
    uint32_t targets; /* mask of VT_TARGET_* */
    const char *json; /* part of the result of query-qmp-schema */
    size_t len;       /* length of json, in bytes */
} VtIntrospection;

/* Text for some targets and some releases. */
typedef struct VtCataloguePart {
    uint32_t len;
    uint16_t targets; /* mask of VT_TARGET_* */
    uint8_t since;    /* first release; 0: the oldest */
    uint8_t until;    /* first release without it; 0: none */
} VtCataloguePart;

/* A command or event that only an engine serves. */
typedef struct VtCatalogueName {
    const char *name;
    const char *why; /* the reason for its end, or "" */
    VtLife life;     /* without 'why' */
    bool is_event;
} VtCatalogueName;

/*
 * What query-qmp-schema returns on each target, in each release, of this program and an engine.  The parts of a target
 * and a release, in order, are JSON in which a list may end with a comma.
 */
typedef struct VtCatalogue {
    const char *text;
    const VtCataloguePart *parts;
    uint32_t n_parts;
    const VtCatalogueName *names;
    uint32_t n_names;
} VtCatalogue;

/* An option that is gone. */
typedef struct VtFormerOption {
    const char *name, *release, *why;
} VtFormerOption;

typedef struct VtProgram {
    const char *name;
    const VtLayer *const *layers; /* NULL-terminated, lowest layer first */
    const VtOption *options;
    uint32_t n_options;
    const char *const *groups; /* titles of groups of options, in the order of the help */
    uint32_t n_groups;
    const VtFormerOption *former;
    uint32_t n_former;
    uint16_t options_type; /* global struct type of the options */
    const VtCommand *commands;
    uint32_t n_commands; /* sorted by name */
    const VtEvent *events;
    uint32_t n_events; /* sorted by name */
    const VtHmp *hmps;
    uint32_t n_hmps; /* sorted by name */
    const VtIntrospection *introspection;
    uint32_t n_introspection;
} VtProgram;
