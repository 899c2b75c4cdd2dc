/*
 * sentence.h - templates of rules with the facts in them; rules.h has their marks.
 *
 * Threads: plain values.
 */
#ifndef DFOTA_DIAGNOSIS_SENTENCE_H
#define DFOTA_DIAGNOSIS_SENTENCE_H

#include "diagnosis/facts.h"

/* What sentences are made of, and for whom. */
struct speaker {
	const struct pass *pass;
	enum audience audience;
};

/* Append TEMPLATE, in the language of S, with the facts in it. */
void sentence_append(const struct speaker *s, char *out, size_t out_size, const char *template);

/* A capital first, a full stop last. */
void sentence_finish(const struct speaker *s, char *out, size_t out_size);

/* The words of the message that ended the run. Returns OUT. */
char *sentence_result(const struct speaker *s, char *out, size_t out_size);

#endif
