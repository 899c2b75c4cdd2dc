#include "config.h"

#include "modem/port_state.h"

#include "modem/port.h"

/* The caller's own calls in the place of a device. */

static int custom_open(struct port *p, const struct port_settings *s, struct err *e)
{
	p->link = p->ops->link ? p->ops->link(p->ctx) : LINK_UART;
	return p->ops->open(p->ctx, p->path, s, e);
}

static void custom_close(struct port *p)
{
	if (p->open)
		p->ops->close(p->ctx);
}

/* A back end may return early with nothing, so that an interrupt is noticed. */
static int custom_read(struct port *p, void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	int n;

	do {
		if (port_check_interrupt(p, e) < 0)
			return -1;
		n = p->ops->read(p->ctx, buf, size, deadline_ms, e);
		port_note_late(p, clock_now_ms(p->clock) - deadline_ms);
	} while (n == 0 && clock_now_ms(p->clock) < deadline_ms);
	return n;
}

static int custom_write(struct port *p, const void *buf, size_t size, int64_t deadline_ms, struct err *e)
{
	return p->ops->write(p->ctx, buf, size, deadline_ms, e);
}

static int custom_pause(struct port *p, int64_t deadline_ms, struct err *e)
{
	do {
		if (port_check_interrupt(p, e) < 0 || p->ops->wait(p->ctx, deadline_ms, e) < 0)
			return -1;
	} while (clock_now_ms(p->clock) < deadline_ms);
	return port_check_interrupt(p, e);
}

static int custom_set_baud(struct port *p, int baud, struct err *e)
{
	return p->ops->set_baud ? p->ops->set_baud(p->ctx, baud, e) : 0;
}

static int custom_drain(struct port *p, int64_t deadline_ms, struct err *e)
{
	return p->ops->drain ? p->ops->drain(p->ctx, deadline_ms, e) : 0;
}

static void custom_discard(struct port *p)
{
	if (p->ops->discard)
		p->ops->discard(p->ctx);
}

const struct backend port_backend_custom = {
	.open = custom_open, .close = custom_close, .read = custom_read, .write = custom_write,
	.pause = custom_pause, .set_baud = custom_set_baud, .drain = custom_drain, .discard = custom_discard,
};
