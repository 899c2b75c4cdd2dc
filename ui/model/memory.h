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

#endif
