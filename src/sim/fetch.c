#include "config.h"

#include "sim/fetch.h"

#include "sim/core.h"
#include "sim/sim.h"

const char *sim_fetch_wanted(const struct sim *s)
{
	return s->stage == SIM_DOWNLOAD && !s->stopped ? s->url : NULL;
}

void sim_fetch_data(struct sim *s, const void *bytes, size_t size)
{
	if (s->stage != SIM_DOWNLOAD)
		return;
	sha256_update(&s->digest, size, bytes);
	s->digest_size += size;
}

/* Codes of protocol.md 5.1 that mirror a reply of the server. */
static const struct {
	int reply, code;
} ftp_replies[] = {
	{ 421, 614 }, { 425, 615 }, { 426, 616 }, { 450, 617 }, { 451, 618 },
	{ 452, 619 }, { 500, 620 }, { 501, 621 }, { 502, 622 }, { 503, 623 },
	{ 504, 624 }, { 530, 625 }, { 532, 626 }, { 550, 627 }, { 551, 628 },
	{ 552, 629 }, { 553, 630 },
};

static long ftp_code(const struct server_status *status)
{
	static const int kinds[] = {
		[SERVER_OK] = 601, [SERVER_DNS] = 604, [SERVER_CONNECT] = 605,
		[SERVER_LOGIN] = 625, [SERVER_NOT_FOUND] = 627,
		[SERVER_TIMEOUT] = 609, [SERVER_TLS] = 625, [SERVER_BUSY] = 603,
		[SERVER_SERVICE] = 605, [SERVER_OTHER] = 601,
	};

	for (size_t i = 0; i < sizeof(ftp_replies) / sizeof(ftp_replies[0]); i++)
		if (ftp_replies[i].reply == status->reply)
			return ftp_replies[i].code;
	return kinds[status->kind];
}

static long http_code(const struct server_status *status)
{
	static const int kinds[] = {
		[SERVER_OK] = 701, [SERVER_DNS] = 714, [SERVER_CONNECT] = 716,
		[SERVER_LOGIN] = 723, [SERVER_NOT_FOUND] = 723,
		[SERVER_TIMEOUT] = 722, [SERVER_TLS] = 723, [SERVER_BUSY] = 703,
		[SERVER_SERVICE] = 723, [SERVER_OTHER] = 701,
	};

	return kinds[status->kind];
}

void sim_fetch_end(struct sim *s, int64_t now_ms,
		   const struct server_status *status, bool ok)
{
	int64_t left_ms;

	sim_run(s, now_ms);
	if (s->stage != SIM_DOWNLOAD)
		return;
	s->source_code = 0;
	if (!ok)
		s->source_code = s->source == SIM_FROM_FTP ? ftp_code(status) : http_code(status);
	left_ms = s->source_ms + s->set.download_ms - s->now_ms;
	sim_next_stage(s, SIM_DOWNLOADED, left_ms > 0 ? left_ms : 0);
}
