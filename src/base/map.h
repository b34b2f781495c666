/* SPDX-License-Identifier: GPL-3.0-or-later
 * map.h -- string -> pointer hash map (open addressing). Keys are copied; values are borrowed. */
#ifndef GRX_BASE_MAP_H
#define GRX_BASE_MAP_H

#include <stddef.h>

#include "genorx/err.h"

struct grx_map;
struct grx_map *grx_map_new(void);
void grx_map_free(struct grx_map *m);
/* Set or replace. GRX_E_NOMEM on failure. */
int grx_map_set(struct grx_map *m, const char *key, void *val) GRX_MUST;
void *grx_map_get(const struct grx_map *m, const char *key); /* NULL when absent */
size_t grx_map_size(const struct grx_map *m);

#endif
