#include "config.h"

#include "upgrade/listen.h"

#include <stdio.h>
#include <string.h>

#include "protocol/answer.h"
#include "protocol/codes.h"
#include "protocol/line.h"
#include "upgrade/conclude.h"
#include "upgrade/data_mode.h"
#include "upgrade/line_time.h"
#include "upgrade/tell.h"

int upgrade_watch(struct upgrade *u, struct heard *heard, int notice_ms,
		  enum message_id silent, int64_t *until_ms, struct err *e)
{
	int64_t notice_at_ms = upgrade_now(u) + notice_ms;
	struct at_line line;
	int64_t late_ms;
	int r = modem_next_line(u->modem, &line, earlier(notice_at_ms, *until_ms), e);

	if (r == 0 && upgrade_now(u) < *until_ms) {
		upgrade_report(u, silent, "seconds=%d", notice_ms / 1000);
		r = modem_next_line(u->modem, &line, *until_ms, e);
	}
	/* what nobody listened to was no silence; it adds what was lost, so that ends with the lateness */
	while (r == 0 && (late_ms = upgrade_report_late(u)) > 0) {
		*until_ms += late_ms;
		r = modem_next_line(u->modem, &line, *until_ms, e);
	}
	if (r <= 0)
		return r;
	heard->text = slice_trim(line.text);
	heard->is = line.is;
	heard->word = course_word(&line.is.fota);
	heard->booted = modem_says_boot(&line);
	return 1;
}

static void fail_download(struct upgrade *u)
{
	int code = u->course.source_code;
	struct err e;

	if (code >= 0)
		err_fail(&e, upgrade_sends(u) ? MSG_PACKAGE_REFUSED : MSG_DOWNLOAD_FAILED, "code=%d meaning=%s",
			 code, upgrade_code(u, codes_source(u->course.source), code));
	else
		err_fail(&e, upgrade_sends(u) ? MSG_PACKAGE_REFUSED_UNREADABLY : MSG_DOWNLOAD_FAILED_UNREADABLY, "");
	upgrade_fail(u, &e);
}

/* It installs, so it has its package: what its download said before is void
 * (protocol/course.h). */
static void forget_failed_download(struct upgrade *u)
{
	enum message_id id = u->failure.message.id;

	if (id != MSG_DOWNLOAD_FAILED && id != MSG_DOWNLOAD_FAILED_UNREADABLY && id != MSG_DOWNLOAD_HAD_FAILED &&
	    id != MSG_PACKAGE_REFUSED && id != MSG_PACKAGE_REFUSED_UNREADABLY)
		return;
	memset(&u->failure, 0, sizeof(u->failure));
	memset(&u->code, 0, sizeof(u->code));
}

/* A download that was not known to be under way goes on, or has just ended:
 * the installation has its whole time again. */
static void expect_start(struct upgrade *u, bool downloading)
{
	u->settle_end_ms = 0;
	u->sent_ms = upgrade_now(u) + (downloading ? u->profile->timers.source_end_notice_ms : 0);
}

/* What the module said of the upgrade that this program started, or watches.
 * One that installs while we send, stop or wait for its return is not sent
 * another byte. What ends the sending is reported by push.c. */
static void follow_word(struct upgrade *u, enum course_word word)
{
	bool returning = u->stopping || u->step == STEP_RESTART || u->step == STEP_VERIFY;
	bool sending = u->step == STEP_TRANSFER && u->data.serial && !u->stopping;

	switch (word) {
	case COURSE_DOWNLOADS:
	case COURSE_DOWNLOADED:
		if (returning || u->step == STEP_INSTALL)
			expect_start(u, word == COURSE_DOWNLOADS);
		if (returning)
			u->return_end_ms = u->watch_end_ms;
		break;
	case COURSE_DOWNLOAD_FAILED:
		if (!sending)
			fail_download(u);
		break;
	case COURSE_INSTALLS:
		forget_failed_download(u);
		u->settle_end_ms = u->quiet_end_ms = 0;	/* that silence is over */
		u->again |= returning;
		u->answers = false;
		if (returning || sending)
			modem_halt(u->modem);
		break;
	case COURSE_ENDED:
		u->quiet_end_ms = 0;
		u->ended_ms = upgrade_now(u);
		if (!sending)
			upgrade_fail_installation(u, u->course.end_code);
		break;
	case COURSE_NOTHING:
		break;
	}
}

static void follow_line(struct upgrade *u, const struct at_line *line)
{
	bool before = u->step < STEP_TRANSFER || (u->step == STEP_TRANSFER && !u->sent);
	enum course_word word;

	upgrade_data_heard(u, line);
	if (modem_says_boot(line))
		course_restart(&u->course);
	if (!line->is.is_fota)
		return;
	word = course_take(&u->course, &line->is.fota);
	if (!before) {
		follow_word(u, word);
	} else if (word == COURSE_INSTALLS || word == COURSE_DOWNLOADS || word == COURSE_DOWNLOADED) {
		u->under_way = true;
		modem_halt(u->modem);
	}
}

/* An echo with bytes lost or doubled (faults.md B06) is a secret that no
 * redactor knows: before the result of a command that held one, only what
 * can't be its echo is shown. */
static bool may_show(struct upgrade *u, enum line_dir dir, const struct at_line *line,
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

void upgrade_on_line(void *ctx, enum line_dir dir, const struct at_line *line, bool urc)
{
	struct upgrade *u = ctx;
	struct event ev = {.type = EVENT_LINE};
	struct message meaning;
	char clean[AT_LINE_MAX + 256];
	size_t size = redact(&u->redact[dir], clean, sizeof(clean), line->text.data, line->text.size);
	bool redacted = size != line->text.size || memcmp(clean, line->text.data, size) != 0;

	if (!may_show(u, dir, line, redacted))
		size = (size_t)snprintf(clean, sizeof(clean), "(not shown: it may hold the password)");
	ev.line.dir = dir;
	ev.line.urc = urc;
	ev.line.meaning = dir == LINE_RX && redacted ? line_parse((struct slice){clean, size}) : line->is;
	ev.line.error = ev.line.meaning.class == AT_ERROR;
	text_safe(ev.line.text, sizeof(ev.line.text), clean, size);
	ev.line.raw_size = (uint16_t)(size < RAW_SIZE ? size : RAW_SIZE);
	memcpy(ev.line.raw, clean, ev.line.raw_size);
	upgrade_emit(u, &ev);
	if (u->typed && dir == LINE_RX && answer_meaning(line, &meaning))
		upgrade_report_message(u, SEVERITY_INFO, &meaning);
	if (dir == LINE_TX && u->sent)
		upgrade_data_asked(u, line->text);
	u->sent |= dir == LINE_TX && slice_is(line->text, u->upload[0] ? u->upload : u->command);
	if (modem_cut(u->modem) > u->cut)
		upgrade_report(u, MSG_LINE_CUT, "size=%llu",
			       (unsigned long long)(modem_cut(u->modem) - u->cut));
	u->cut = modem_cut(u->modem);
	if (urc)
		follow_line(u, line);
}

void upgrade_lost_port(struct upgrade *u)
{
	/* by kind of link; the node of a UART stays, so nothing but the module takes it away */
	static const bool restarts[LINK_COUNT] = {
		[LINK_UART] = true, [LINK_OWN_USB] = true, [LINK_PTY] = true,
	};
	const struct course *c = &u->course;

	if (restarts[port_link(u->env.port)])
		course_restart(&u->course);
	if (!upgrade_sends(u) && u->sent && !c->downloaded && !c->started && !c->ended)
		upgrade_download_unheard(u);
	if (port_link(u->env.port) != LINK_SOCKET && port_link(u->env.port) != LINK_TELNET)
		u->data.held = false;	/* it went with the port */
	if (u->data.open)	/* to the last moment it may have taken bytes */
		u->data.taken_ms = upgrade_line_free_ms(u);
}

void upgrade_has_restarted(struct upgrade *u)
{
	course_restart(&u->course);
	/* from its return on it has the time to begin */
	u->sent_ms = earlier(u->sent_ms, later(u->opened_ms, u->command_ms));
}

bool upgrade_installs_again(struct upgrade *u)
{
	if (!u->again)
		return false;
	u->again = false;
	modem_go_on(u->modem);
	return true;
}
