#include "config.h"

#include "modem/port.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libserialport.h>

#include "base/address.h"
#include "modem/port_state.h"

static struct port *new_port(const struct clock *clock,
			     struct interrupt *interrupt, struct err *e)
{
	struct port *p = calloc(1, sizeof(*p));

	if (!p) {
		err_fail_sys(e, MSG_PORT_NO_MEMORY, errno, "");
		return NULL;
	}
	p->clock = clock;
	p->interrupt = interrupt;
	p->backend = &port_backend_tty;
	p->fd = -1;
	p->lock.fd = -1;
	return p;
}

struct port *port_new(const struct clock *clock, struct interrupt *interrupt,
		      const struct port_roots *roots, struct err *e)
{
	struct port *p = new_port(clock, interrupt, e);

	if (p && places_init(&p->places, roots, e) < 0) {
		port_free(p);
		return NULL;
	}
	return p;
}

struct port *port_new_custom(const struct clock *clock,
			     struct interrupt *interrupt,
			     const struct port_backend *ops, void *ctx,
			     struct err *e)
{
	struct port *p = new_port(clock, interrupt, e);

	if (p) {
		p->backend = &port_backend_custom;
		p->ops = ops;
		p->ctx = ctx;
	}
	return p;
}

void port_free(struct port *p)
{
	if (!p)
		return;
	port_close(p);
	free(p->net);
	free(p);
}

static const struct backend *backend_of(const char *path)
{
	if (!address_of_port(path))
		return &port_backend_tty;
	return strncmp(path, "tcp:", 4) == 0 ? &port_backend_tcp : &port_backend_telnet;
}

static void release(struct port *p)
{
	p->backend->close(p);
	p->open = false;
	p->fd = -1;
	p->path[0] = '\0';
}

static int not_open(struct err *e)
{
	return err_fail(e, MSG_PORT_NOT_OPEN, "");
}

int port_open(struct port *p, const char *path, const struct port_settings *s,
	      struct err *e)
{
	if (p->open)
		return err_fail(e, MSG_PORT_IS_OPEN, "port=%s", p->path);
	if (!path_join(p->path, sizeof(p->path), "%s", path)) {
		p->path[0] = '\0';
		return err_fail(e, MSG_PORT_NAME_LONG, "");
	}
	p->notice_count = 0;
	if (!p->ops)
		p->backend = backend_of(path);
	p->baud = s->baud;
	if (p->backend->open(p, s, e) < 0) {
		release(p);
		return -1;
	}
	p->open = true;
	return 0;
}

void port_close(struct port *p)
{
	if (p->open)
		release(p);
}

bool port_is_open(const struct port *p)
{
	return p->open;
}

enum link port_link(const struct port *p)
{
	return p->link;
}

int port_baud(const struct port *p)
{
	return p->baud;
}

const struct message *port_notice(const struct port *p, size_t index)
{
	return index < p->notice_count ? &p->notices[index] : NULL;
}

int port_set_baud(struct port *p, int baud, struct err *e)
{
	if (!p->open)
		return not_open(e);
	if (p->backend->set_baud && p->backend->set_baud(p, baud, e) < 0)
		return -1;
	p->baud = baud;
	return 0;
}

int port_set_flow_control(struct port *p, bool on, struct err *e)
{
	if (!p->open)
		return not_open(e);
	return p->backend->set_flow ? p->backend->set_flow(p, on, e) : 0;
}

int port_read(struct port *p, void *buf, size_t size, int64_t deadline_ms,
	      struct err *e)
{
	assert(size > 0 && size <= INT_MAX);
	return p->open ? p->backend->read(p, buf, size, deadline_ms, e) : not_open(e);
}

int port_write(struct port *p, const void *buf, size_t size,
	       int64_t deadline_ms, struct err *e)
{
	assert(size <= INT_MAX);
	if (!p->open)
		return not_open(e);
	if (port_check_interrupt(p, e) < 0)
		return -1;
	return p->backend->write(p, buf, size, deadline_ms, e);
}

int port_pause(struct port *p, int64_t deadline_ms, struct err *e)
{
	return p->backend->pause(p, deadline_ms, e);
}

void port_discard_output(struct port *p)
{
	if (p->open && p->backend->discard)
		p->backend->discard(p);
}

int port_drain(struct port *p, int64_t deadline_ms, struct err *e)
{
	if (!p->open)
		return not_open(e);
	if (port_check_interrupt(p, e) < 0)
		return -1;
	return p->backend->drain ? p->backend->drain(p, deadline_ms, e) : 0;
}

const char *port_library(void)
{
	return sp_get_package_version_string();
}
