#include "config.h"

#include "upgrade/data_mode.h"

#include <string.h>

#include "protocol/line.h"
#include "upgrade/line_time.h"
#include "upgrade/tell.h"

/* Silence of the guard, "+++" and its OK (protocol.md 2.2). */
#define ESCAPE_LIMIT_MS 5000
/* An answer to AT: 0.3 s is documented (protocol.md 4.2). */
#define ASK_MS 1000
/* Beyond the module's own time-out for data: its clock and ours. */
#define QUIET_MORE_S 5
/* So long a wait is worth a word. */
#define TOLD_FROM_MS 2000

static const char escape[] = "+++";
static const char question[] = "AT\r";

static int64_t timeout_ms(const struct upgrade *u)
{
	return (upgrade_com_timeout_s(u) + QUIET_MORE_S) * INT64_C(1000);
}

void upgrade_data_open(struct upgrade *u, uint64_t missing)
{
	u->data = (struct data_mode){
		.serial = true, .open = true, .missing = missing, .complete = missing == 0,
		.taken_ms = upgrade_now(u),
	};
}

void upgrade_data_resumed(struct upgrade *u, uint64_t missing)
{
	const struct open_upgrade *open = &u->plan.open;

	upgrade_data_open(u, missing);
	u->data.asks_now = open->ended && open->asked == 0;
}

void upgrade_data_wrote(struct upgrade *u, size_t size)
{
	u->data.missing -= size;
	u->data.complete = u->data.missing == 0;
	u->data.held = true;
	u->data.taken_ms = upgrade_line_free_ms(u);
}

void upgrade_data_misheard(struct upgrade *u)
{
	u->data.missing = strlen(question) + 1;
}

void upgrade_data_closed(struct upgrade *u)
{
	u->data.open = false;
}

/* The gate when nobody waits for it: not another byte goes out before this is
 * dealt with. While we send it opens nothing new. */
static void open_late(struct upgrade *u)
{
	u->data.open = true;
	u->data.left = false;	/* what was said before it was of the command */
	if (!u->stopping && u->step != STEP_RESTART && u->step != STEP_VERIFY)
		return;
	u->data.late = true;
	modem_halt(u->modem);
}

bool upgrade_data_late(struct upgrade *u)
{
	if (!u->data.late)
		return false;
	u->data.late = false;
	modem_go_on(u->modem);
	return true;
}

void upgrade_data_heard(struct upgrade *u, const struct at_line *line)
{
	enum course_word word = course_word(&line->is.fota);
	/* the start of a source is the gate of some forms */
	bool gate = u->data.serial && (line->is.class == AT_CONNECT ||
		slice_is(slice_trim(line->text), u->profile->com_gate) || word == COURSE_DOWNLOADS);

	if (gate) {
		open_late(u);
	} else if (u->data.open && modem_shows_command_mode(line)) {
		/* before its END it has said that it has the package, or it is of nobody */
		bool early = word == COURSE_ENDED && !u->data.left;

		/* what it says of an upgrade it says in command mode; where bytes are missing, or
		 * of another word, the next answer proves it, and the question may come at once */
		u->data.open = word == COURSE_NOTHING || u->data.missing > 0 || early;
		u->data.left = true;
		u->data.held &= early || modem_says_boot(line);	/* which do not answer the package */
		u->data.asks_now = u->data.asked_ms == 0 || upgrade_now(u) >= u->data.asked_ms + timeout_ms(u);
	}
}

/* When the module's time-out is over that began with the last byte that it can
 * have taken. A complete package to which it gave no word may wait behind flow
 * control, and of what got lost on the way the question would be the rest: its
 * START has the time in which it must come. */
static int64_t over_ms(const struct upgrade *u)
{
	int held_ms = u->data.complete && u->data.held ? u->profile->timers.start_notice_ms : 0;

	return u->data.taken_ms + held_ms + timeout_ms(u);
}

int64_t upgrade_keep_quiet(struct upgrade *u)
{
	u->data.taken_ms = later(upgrade_line_free_ms(u), u->data.gate_end_ms);
	u->quiet_end_ms = over_ms(u);
	upgrade_report(u, MSG_KEEPING_QUIET, "seconds=%d", (int)((u->quiet_end_ms - upgrade_now(u)) / 1000));
	return u->quiet_end_ms;
}

void upgrade_data_asked(struct upgrade *u, struct slice text)
{
	size_t size = text.size + (slice_is(text, escape) ? 0 : strlen("\r"));

	/* should the gate come late, this has come before it */
	u->data.missing -= size < u->data.missing ? size : u->data.missing;
	if (!u->data.open)
		return;
	u->data.asked += size;
	u->data.asked_ms = upgrade_now(u);
	upgrade_line_took(u, size);
	u->data.taken_ms = upgrade_line_free_ms(u);
}

/* May SIZE bytes be sent that the module may take for package bytes? */
static bool may_ask(const struct upgrade *u, size_t size)
{
	return u->data.missing > size;
}

/* What was asked last, SIZE bytes, was answered: that was no package byte. */
static int answered(struct upgrade *u, size_t size)
{
	/* it is counted only where the module may have been in data mode when it went out */
	u->data.asked -= size < u->data.asked ? size : u->data.asked;
	upgrade_data_closed(u);
	return 1;
}

/* AT, once. 1: an answer came, 0: none, -1. */
static int ask_once(struct upgrade *u, struct err *e)
{
	static const struct modem_command at = {"AT", NULL, ASK_MS, NULL};
	int r;

	if (!may_ask(u, strlen(question)))
		return 0;
	r = modem_command(u->modem, &at, NULL, e);
	if (r == 0 || e->code == ERR_REFUSED)
		return answered(u, strlen(question));
	return e->code == ERR_TIMEOUT ? 0 : -1;
}

bool upgrade_data_answers(struct upgrade *u)
{
	struct err e;

	return ask_once(u, &e) > 0;
}

/* "+++" with its guard, for which what was written has to leave first; or a
 * question, where a line of the module says that it has left data mode. */
static int try_to_leave(struct upgrade *u, struct err *e)
{
	int64_t free_ms = upgrade_line_free_ms(u);
	int r;

	if (u->data.left)
		return ask_once(u, e);
	if (free_ms + ESCAPE_LIMIT_MS > u->watch_end_ms || !may_ask(u, strlen(escape)))
		return 0;
	if (free_ms - upgrade_now(u) > TOLD_FROM_MS)
		upgrade_report(u, MSG_LINE_BUSY, "seconds=%d", (int)((free_ms - upgrade_now(u)) / 1000));
	r = modem_escape_data(u->modem, free_ms, free_ms + ESCAPE_LIMIT_MS, e);
	if (r > 0)
		return ask_once(u, e);
	/* its OK may be a stray one: the next answer agrees */
	if (r == 0) {
		r = ask_once(u, e);
		return r > 0 ? answered(u, strlen(escape)) : r;
	}
	return e->code == ERR_TIMEOUT ? 0 : -1;
}

int upgrade_leave_data_mode(struct upgrade *u, int64_t *until_ms, struct err *e)
{
	int r = try_to_leave(u, e);

	*until_ms = upgrade_now(u);
	if (r < 0 && e->code == ERR_CANCELLED)
		return -1;
	upgrade_data_late(u);
	if (!u->data.open || u->again)
		return 0;
	upgrade_report(u, MSG_DATA_MODE_NOT_LEFT, "");
	*until_ms = upgrade_keep_quiet(u);
	return 0;
}

void upgrade_data_reopened(struct upgrade *u)
{
	bool held = u->data.complete && port_link(u->env.port) == LINK_SOCKET;

	u->data.held = held;
	u->data.taken_ms = upgrade_now(u) + (held ? upgrade_line_ms(u, u->plan.open.size) : 0);
	u->data.asks_now = (u->data.asks_now || u->plan.ask_now) && !u->data.complete;
}

int upgrade_ask_in_doubt(struct upgrade *u, int64_t *ask_ms, struct err *e)
{
	int r;

	*ask_ms = over_ms(u);
	if (upgrade_now(u) < *ask_ms && (u->data.complete || !u->data.asks_now)) {
		upgrade_report(u, MSG_KEEPING_QUIET, "seconds=%d", (int)((*ask_ms - upgrade_now(u)) / 1000));
		return 0;
	}
	u->data.asks_now = false;
	if (u->data.complete) {
		upgrade_data_closed(u);
		return 0;
	}
	r = ask_once(u, e);
	*ask_ms = over_ms(u);
	if (r == 0 && u->data.missing <= strlen(question)) {
		upgrade_report(u, MSG_ASKS_NO_MORE, "");
		*ask_ms = u->return_end_ms;
	}
	return r;
}
