/* SPDX-License-Identifier: MIT */
/*
 * Rules that translate a domain of libvirt to options. The rules are data: libvirt-domain.c and libvirt-devices.c.
 *
 * A rule applies to each element that its path matches (markup.h), in the order of the table. The text of the option
 * may have
 *   {PATH}         the value there, with its commas doubled; the rule does not apply if there is none
 *   {PATH?TEXT}    the value, or TEXT
 *   {PATH|FILTER}  the value after a filter:
 *                  "text" as it is; "hex" without "0x"; "dec" as a decimal number;
 *                  "mib", "kib" and "bytes" by the attribute 'unit', without one: KiB;
 *                  "head" and "tail" before and after the first slash; "vnc" the display of a port;
 *                  "list:KEY" the parts between commas, joined by ",KEY="; any other: by the map with this name
 *   {#}            the number of the element among those with its name
 *   {#name}        the name of the element
 *   {#count}       a number from 1 to the text of the element: there is an option for each
 *   [TEXT]         left out if it has a value that does not exist
 *   [?PATH TEXT]   left out if PATH does not exist; [!PATH TEXT] if it does
 *   $NAME$         a snippet
 */
#pragma once

#include <stddef.h>

#include "markup.h"

typedef struct LibvirtRule {
    const char *at;
    /* Name of the option; "+NAME" continues the last one; "=PATH" sets a value of the domain that is not given; ""
     * takes the text as a word; NULL: the element needs no option. */
    const char *option;
    /* NULL: the option has none. Without an option: NULL if only the element and its conditions are known, "**" if all
     * that is in it is. */
    const char *text;
} LibvirtRule;

typedef struct LibvirtMap {
    const char *map, *from, *to; /* from: a pattern */
} LibvirtMap;

typedef struct LibvirtSnippet {
    const char *name, *text;
} LibvirtSnippet;

extern const LibvirtRule engine_libvirt_domain[], engine_libvirt_devices[]; /* end with a NULL path */
extern const LibvirtMap engine_libvirt_maps[];                              /* ends with a NULL map */
extern const LibvirtSnippet engine_libvirt_snippets[];                      /* ends with a NULL name */
