/*
 * redact.h - secrets kept out of what is shown and recorded.
 *
 * Every line to or from a module and every URL passes a redactor before any
 * sink (screen, stdout, stderr, JSON, record).
 *
 * Memory: none is allocated; results are always terminated with NUL.
 * Threads: a redactor belongs to one thread.
 */
#ifndef DFOTA_REDACT_H
#define DFOTA_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define REDACTOR_SECRETS 24
#define REDACTOR_SECRET_SIZE 384
#define REDACTOR_LINE_MAX 4096	/* the rest of a longer line is cut off */

/* Where a line with secret fields broke off: internal to text.c. */
struct redactor_fields {
	const struct redactor_rule *rule;	/* NULL: nowhere */
	int field;	/* the field it broke off in or after */
	int base;	/* the field that the rule counts from; -1: not seen yet */
	bool quoted;	/* within quotes */
};

/*
 * Knows the secrets of a session and blots them out of lines. State carries
 * from line to line, so that a secret cut in two by a stray line end is still
 * found. Give each direction (sent, received) a redactor of its own.
 */
struct redactor {
	struct {
		char text[REDACTOR_SECRET_SIZE];
		size_t size;
	} secrets[REDACTOR_SECRETS];
	size_t count;
	/* per secret: how many of its first bytes the last line ended in */
	size_t head[REDACTOR_SECRETS];
	struct redactor_fields fields;
};

/* Make R empty. */
void redactor_init(struct redactor *r);

/* Add a login: PASSWORD (1 to 127 bytes; shorter than 3 is kept too), its
 * percent-encoded spellings, and base64 of "user:password" as in HTTP basic
 * authentication. USER is no secret of its own ("ftp", "admin" would blot out
 * the log) but is hidden in URLs. Copies. An empty PASSWORD is ignored. -1 with
 * ERR_USAGE when one is too long or there is no room. */
int redactor_add_login(struct redactor *r, const char *user,
		       const char *password, struct err *e);

/*
 * Copy one line (without its line end; raw bytes) to OUT with every secret
 * replaced by "***". Also hidden, known or not: the userinfo of a URL
 * (its user and password become stars), of its query what admits somebody by its name
 * ("token=", "X-Signature="), the user and password fields of
 * AT+QICSGP, +QICSGP and AT+CGAUTH, of AT+Q...CFG="account", "pass..." and the
 * like, the PINs and passwords of AT+CPIN=, AT+CLCK= and AT+CPWD=. One byte of
 * a secret at the end of a line may stay when the rest is on the next.
 * OUT must hold SIZE + 64 bytes or more; longer results are cut. The result
 * is not yet safe text. Returns its length.
 */
size_t redact(struct redactor *r, char *out, size_t out_size, const void *in,
	      size_t size);

/* Hide what may be a login of the URL IN, and such of its query, which may lack its scheme or hold what no URL
 * may: user and password become "***" each. Returns the length written. */
size_t redact_url(char *out, size_t out_size, const char *in);

#endif
