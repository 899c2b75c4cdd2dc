#include "config.h"

#include "upgrade/listen.h"

#include <stdio.h>
#include <string.h>

#include "upgrade/conclude.h"
#include "upgrade/tell.h"

/* What a URC changes. A value that cannot be read changes nothing but END:
 * an END is an end whatever it says. */
static void take_urc(struct upgrade *u, const struct fota_urc *urc)
{
	struct watched *seen = &u->seen;

	seen->heard = true;
	switch (urc->kind) {
	case FOTA_NONE:
	case FOTA_DOWNLOADING:
	case FOTA_SOURCE_END:
		break;
	case FOTA_SOURCE_START:
		seen->source_started = true;
		break;
	case FOTA_START:
	case FOTA_RESUMED:
		seen->started = true;
		u->settle_end_ms = 0;
		break;
	case FOTA_UPDATING:
	case FOTA_RESTORE:
		seen->started = true;
		u->settle_end_ms = 0;
		if (urc->has_value)
			seen->percent = urc->value;
		break;
	case FOTA_END:
		seen->ended = true;
		seen->end_code = urc->has_value ? (int)urc->value : -1;
		break;
	}
}

int upgrade_watch(struct upgrade *u, struct fota_urc *urc, struct slice *line,
		  int notice_ms, const char *what, int64_t until_ms,
		  struct err *e)
{
	int64_t notice_at_ms = upgrade_now(u) + notice_ms;
	struct at_line got;
	int r = modem_next_line(u->modem, &got, earlier(notice_at_ms, until_ms), e);

	if (r == 0 && upgrade_now(u) < until_ms) {
		upgrade_notice(u, SEVERITY_WARNING, "no word from the module for %d s; still waiting for %s",
			       notice_ms / 1000, what);
		r = modem_next_line(u->modem, &got, until_ms, e);
	}
	if (r <= 0)
		return r;
	*line = slice_trim(got.text);
	*urc = got.is.fota;
	if (got.is.is_fota)
		take_urc(u, urc);
	if (slice_is(*line, "RDY"))
		u->seen.rebooted = true;
	return 1;
}

void upgrade_take_end(struct upgrade *u)
{
	struct err e;

	if (u->seen.end_code == 0)
		return;
	if (u->seen.end_code > 0)
		upgrade_code(u, "end", u->seen.end_code);
	err_set(&e, ERR_MODULE, "the module ended the installation with %s %d",
		u->seen.end_code > 0 ? "code" : "an unreadable code",
		u->seen.end_code);
	upgrade_fail(u, &e);
}

void upgrade_expect_start(struct upgrade *u, bool downloading)
{
	u->settle_end_ms = 0;
	u->sent_ms = upgrade_now(u) + (downloading ? u->profile->timers.source_end_notice_ms : 0);
}

bool upgrade_download_failed(const struct fota_urc *urc)
{
	return urc->kind == FOTA_SOURCE_END && (!urc->has_value || urc->value != 0);
}

bool upgrade_downloads(const struct fota_urc *urc)
{
	return urc->kind == FOTA_SOURCE_START || urc->kind == FOTA_DOWNLOADING ||
		(urc->kind == FOTA_SOURCE_END && !upgrade_download_failed(urc));
}

void upgrade_take_download(struct upgrade *u, const struct fota_urc *urc)
{
	struct err e;

	if (upgrade_download_failed(urc)) {
		if (urc->has_value)
			upgrade_code(u, upgrade_code_table(urc->source), (int)urc->value);
		err_set(&e, ERR_NETWORK, "the module's download failed");
		upgrade_fail(u, &e);
	} else if (upgrade_downloads(urc)) {
		upgrade_expect_start(u, urc->kind != FOTA_SOURCE_END);
		u->return_end_ms = u->watch_end_ms;
	}
}

/* An echo with bytes lost or doubled (faults.md B06) is a secret that no
 * redactor knows: before the result of a command that held one, only what
 * cannot be its echo is told. */
static bool may_tell(struct upgrade *u, enum line_dir dir, const struct at_line *line,
		     bool redacted)
{
	if (dir == LINE_TX) {
		u->secret_sent = redacted;
		return true;
	}
	if (line->is.class != AT_INFO)
		u->secret_sent = false;
	return !u->secret_sent || slice_begins(line->text, "+");
}

/* A module that installs while it is asked is not sent another byte. Before
 * our command that is an upgrade we did not start; behind it one that did not
 * wait for us; when we stop or wait for its return, one that goes on. */
static void halt_if_installing(struct upgrade *u, const struct line_meaning *line)
{
	bool returning = u->stopping || u->step == STEP_RESTART || u->step == STEP_VERIFY;
	bool sending = u->step == STEP_TRANSFER && upgrade_sends(u);
	bool before = u->step < STEP_TRANSFER || (u->step == STEP_TRANSFER && !u->sent);
	const struct fota_urc *fota = &line->fota;
	bool installs = fota->kind == FOTA_START || fota->kind == FOTA_UPDATING ||
		fota->kind == FOTA_RESTORE || fota->kind == FOTA_RESUMED;

	if (!line->is_fota)
		return;
	if (returning && installs) {
		u->seen.again = true;
		modem_halt(u->modem);
	} else if (returning) {
		upgrade_take_download(u, fota);
	} else if ((installs && (before || sending)) || (before && upgrade_downloads(fota))) {
		u->seen.started = true;
		modem_halt(u->modem);
	}
}

void upgrade_on_line(void *ctx, enum line_dir dir, const struct at_line *line, bool urc)
{
	struct upgrade *u = ctx;
	struct event ev = {.type = EVENT_LINE};
	char clean[AT_LINE_MAX + 256];
	size_t size = redact(&u->redact[dir], clean, sizeof(clean), line->text.data, line->text.size);
	bool redacted = size != line->text.size || memcmp(clean, line->text.data, size) != 0;

	if (!may_tell(u, dir, line, redacted))
		size = (size_t)snprintf(clean, sizeof(clean), "(not shown: it may hold the password)");
	ev.line.dir = dir;
	ev.line.urc = urc;
	ev.line.meaning = dir == LINE_RX && redacted ? line_parse((struct slice){clean, size}) : line->is;
	ev.line.error = ev.line.meaning.class == AT_ERROR;
	text_safe(ev.line.text, sizeof(ev.line.text), clean, size);
	ev.line.raw_size = (uint16_t)(size < RAW_SIZE ? size : RAW_SIZE);
	memcpy(ev.line.raw, clean, ev.line.raw_size);
	upgrade_emit(u, &ev);
	u->sent |= dir == LINE_TX;
	if (modem_cut(u->modem) > u->cut)
		upgrade_notice(u, SEVERITY_WARNING, "a line of the module was too long; %llu bytes of it were dropped",
			       (unsigned long long)(modem_cut(u->modem) - u->cut));
	u->cut = modem_cut(u->modem);
	if (urc)
		halt_if_installing(u, &line->is);
}

bool upgrade_installs_again(struct upgrade *u)
{
	if (!u->seen.again)
		return false;
	u->seen.again = false;
	u->seen.started = true;
	u->seen.ended = false;
	u->settle_end_ms = 0;
	modem_go_on(u->modem);
	return true;
}
