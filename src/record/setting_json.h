/*
 * setting_json.h - settings that are stored in the module, as JSON and back.
 *
 * Threads: stateless.
 */
#ifndef DFOTA_SETTING_JSON_H
#define DFOTA_SETTING_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/setting.h"

/* Set the keys of S in O; -1 when memory runs out. */
int setting_put(json_t *o, const struct setting *s);

/* False when O does not say what it is. */
bool setting_get(const json_t *o, struct setting *s);

/* Set "settings" of O: an array. -1 when memory runs out. */
int settings_put(json_t *o, const struct settings *all);
void settings_get(const json_t *o, struct settings *all);

#endif
