/*
 * outlook.h - what can be known of an upgrade before it is started, and no port
 * touched: what its files and servers say, and which field of the plan keeps it
 * from working.
 *
 * Plain values; every string is safe text and free of secrets.
 */
#ifndef DFOTA_OUTLOOK_H
#define DFOTA_OUTLOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

struct outlook {
	uint32_t number;		/* of the request it answers */
	bool asking;			/* a server is being asked: more comes */
	enum plan_field field;		/* what cannot work; PLAN_NOTHING: all may */
	struct message problem;		/* why; MSG_NONE */
	struct message doubt;		/* what a server would not say; MSG_NONE */
	struct package_info package;	/* what is known of it: 0 and "" where it is not */
	char manifest[FILE_SIZE];	/* read though no field names it: beside the file, or fetched; "" */
	bool fetched;			/* it stood beside the URL; this is our copy */
};

#endif
