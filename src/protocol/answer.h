/*
 * protocol/answer.h - what the lines mean that answer a command typed by a
 * person, and the questions that may be typed. Pure, as at.h.
 *
 * Sources: 3GPP TS 27.007 (7.2 registration, 8.3 SIM, 8.5 signal), protocol.md 3, 5
 * and 7; codes are those of codes.h.
 */
#ifndef DFOTA_PROTOCOL_ANSWER_H
#define DFOTA_PROTOCOL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/message.h"
#include "protocol/line.h"

/* What LINE means. False: it says itself what it says, or nothing is known of it. */
bool answer_meaning(const struct at_line *line, struct message *m);

/* Question INDEX, "AT+CSQ": each asks something and changes nothing. NULL past the end. */
const char *answer_question(size_t index);

#endif
