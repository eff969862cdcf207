/* SPDX-License-Identifier: MIT */
/*
 * Refresh: the tree follows what a relayed command, or the engine by itself, has changed.
 *
 * The schema lists the commands and events (schema/engine/refresh.json).  After one of them, the engine is asked for
 * what it now has, and the tree takes it over.  Until then, no request changes or reads the tree.
 */
#pragma once

#include "engine-private.h"

/* Whether something follows the command. */
bool engine_refresh_is_after(const VtEngine *engine, const char *command);
/* The engine has run the command with the JSON text @arguments. */
void engine_refresh_after(VtEngine *engine, const char *command, const char *arguments);
/* The engine has sent the event. */
void engine_refresh_on(VtEngine *engine, VtSpan event);
/* Takes over the answers of the engine, if they are there and no request changes the tree. */
void engine_refresh_apply(VtEngine *engine);
/* A request has changed the tree: takes over answers that are still right, and asks again for the others. */
void engine_refresh_after_change(VtEngine *engine);
void engine_refresh_clear(VtEngine *engine); /* drops answers */
