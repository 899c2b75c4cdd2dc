#include "config.h"

#include "upgrade/line_time.h"

/* Factory rate of many modules, and slower than most: a wait that is too long
 * does no harm. */
#define UNKNOWN_RATE 9600
/* Ten bits a byte: 8N1. */
#define BYTE_MS 10000
/* More than the driver of a serial port and an adapter hold; what a server
 * holds has no such limit (protocol.md 4.4). */
#define BUFFERS_SIZE 65536

int upgrade_line_rate(const struct upgrade *u)
{
	enum link link = port_link(u->env.port);

	if (!link_info(link)->line_time)
		return 0;
	if (link != LINK_SOCKET)
		return u->baud;
	return u->module_rate > 0 ? u->module_rate : UNKNOWN_RATE;
}

int64_t upgrade_line_ms(const struct upgrade *u, uint64_t size)
{
	int rate = upgrade_line_rate(u);

	return rate ? (int64_t)size * BYTE_MS / rate + 1 : 0;
}

void upgrade_line_took(struct upgrade *u, size_t size)
{
	int64_t most_ms = upgrade_now(u) + upgrade_line_ms(u, BUFFERS_SIZE);

	u->line_free_ms = upgrade_line_free_ms(u) + upgrade_line_ms(u, size);
	if (port_link(u->env.port) != LINK_SOCKET && u->line_free_ms > most_ms)
		u->line_free_ms = most_ms;
}

int64_t upgrade_line_free_ms(const struct upgrade *u)
{
	return later(u->line_free_ms, upgrade_now(u));
}

uint64_t upgrade_line_carried(const struct upgrade *u)
{
	int64_t left_ms = upgrade_line_free_ms(u) - upgrade_now(u);
	uint64_t left = (uint64_t)left_ms * (uint64_t)upgrade_line_rate(u) / BYTE_MS;

	return left < u->sent_size ? u->sent_size - left : 0;
}
