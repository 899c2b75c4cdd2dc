/*
 * upgrade/env.h - what an upgrade works with: the world around it, lent by the
 * worker or by a test.
 */
#ifndef DFOTA_UPGRADE_ENV_H
#define DFOTA_UPGRADE_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "modem/port.h"
#include "package/package.h"
#include "package/server.h"
#include "record/writer.h"

/* What an upgrade works with; all borrowed until upgrade_free(). */
struct upgrade_env {
	const struct clock *clock;
	int64_t start_ms;		/* t_ms of events counts from here */
	struct port *port;		/* closed */
	struct interrupt *interrupt;	/* that of the port */
	const struct port_roots *roots;	/* NULL: the real ones */
	const struct server_calls *servers;	/* NULL: real servers */
	struct record_writer *record;	/* NULL: no record */
	/* store_find_open(); NULL: nothing is unfinished */
	bool (*find_open)(const char *port, const char *usb_path, const char *imei,
			  const char *except, struct open_upgrade *out);
	/* store_check_open(); NULL: all records can be read */
	int (*check_open)(const char *except, char *out, size_t out_size, struct err *e);
	/* Is the module with IMEI, on PORT, ours and not that of another upgrade of this
	 * program? False: PORT is that one's. NULL: there is no other. */
	bool (*claim)(void *ctx, const char *imei, char port[FILE_SIZE]);
	/* What KEY names is fetched by FETCH once for all of this program that want it: *OUT is
	 * ours. NULL: there is no other. */
	int (*share)(void *ctx, const char *key, int (*fetch)(void *u, struct package **out, struct err *e), void *u,
		     struct package **out, struct err *e);
	const struct package *package;	/* plan.file, opened already; NULL: it is opened by us */
	/* An event before it is recorded: may fill cause and advice of a result. May be NULL. */
	void (*observe)(void *ctx, struct event *ev);
	void (*emit)(void *ctx, const struct event *ev);
	void *ctx;
};

#endif
