/*
 * message_json.h - a message as members of a JSON object, both ways:
 * "id":"port-held","args":{"port":"/dev/ttyACM3","pid":812}, and where it says
 * so "doing" and "then", arrays of the same.
 *
 * Threads: stateless.
 */
#ifndef DFOTA_MESSAGE_JSON_H
#define DFOTA_MESSAGE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/message.h"

/* Set the members of M in O; none of one that has no id of its own. -1 when
 * memory runs out. */
int message_put(json_t *o, const struct message *m);

/* Fill M from O, which is hostile. False when it has no id that this program
 * knows; then M is MSG_NONE. An argument that is missing or of the wrong type
 * is "". */
bool message_get(const json_t *o, struct message *m);

#endif
