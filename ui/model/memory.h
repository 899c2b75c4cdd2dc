/*
 * memory.h - what was typed, remembered from one run to the next: ports, URLs,
 * users, files, targets and AT commands, in $XDG_STATE_HOME/dfota/typed. A line
 * each: kind, model of the module it was for (or nothing), text, a tab between;
 * newest first, sixteen of a kind.
 *
 * Never a password: there is no kind for it, and an AT command or a URL that
 * holds a secret is not remembered. A help and nothing more: a file that is
 * missing, damaged or can't be written is no error.
 */
#ifndef DFOTA_MEMORY_H
#define DFOTA_MEMORY_H

#include "ui/model/view.h"

/* Put what is remembered into HISTORIES, below what they hold already: what was for MODEL
 * (may be "") comes last, so that it is offered first. */
void memory_recall(struct history histories[HISTORY_KINDS], const char *model);

/* Put TEXT in front of its KIND, and write all, at once or not at all. */
void memory_add(enum history_kind kind, const char *model, const char *text);

/* By which name NODE is to be remembered: nodes are numbered in the order in which modules
 * are plugged in, a link in FOLDER (udev's by-id) stays with its module. NODE itself where
 * no link, or more than one, leads to it. Returns OUT. */
#define MEMORY_PORTS "/dev/serial/by-id"
char *memory_port(const char *folder, const char *node, char out[FIELD_SIZE]);

#endif
