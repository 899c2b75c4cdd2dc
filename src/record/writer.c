#include "config.h"
#include "record/writer.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/redact.h"
#include "base/text.h"
#include "record/event_json.h"
#include "record/journal.h"
#include "record/last_lines.h"
#include "record/line_class.h"
#include "record/reader.h"
#include "record/store.h"

/* Progress goes to disk at most this often (design 6). */
#define PROGRESS_EVERY_MS 1000

/* Received lines and notices: so many at once, then so many a second. A pull
 * of 45 minutes with a percent line each second and a push of 5 MiB stay below
 * the first alone or come slower than the second (faults.md F14). */
#define FLOOD_BURST 2000
#define FLOOD_PER_S 100
/* Beyond this only vital lines go into a record. */
#define RECORD_SIZE_MAX (UINT64_C(64) << 20)

#define RECORDS_A_SECOND 100

/* How far back to look for the time at which a record was left. */
#define REACH (4 << 20)
/* No upgrade is watched again after so long: a clock was set in between. */
#define AWAY_MAX_MS (366LL * 24 * 3600 * 1000)
#define T_MAX_MS (1000LL * 1000 * 1000 * 1000)

/* How many lines of a kind may still be written. */
struct allowance {
	bool spent;
	int64_t left;		/* in thousandths of a line */
	int64_t left_ms;	/* when that was */
};

struct record_writer {
	struct journal *file;
	struct err unreported;	/* of the reopening; ERR_NONE */
	bool reopened;		/* its first event comes at from_ms */
	int64_t from_ms;
	int64_t shift_ms;	/* from the caller's time to that of the record */
	int64_t progress_ms;	/* of the last progress line */
	bool holds;		/* the newest one waits in held: what a step came to is told before its end */
	struct event held;
	struct allowance talk;	/* of the module */
	struct allowance news;	/* notices, and what the module says of the upgrade: no talk drowns it */
	uint64_t left_out;	/* lines, not recorded as a gap yet */
	int64_t left_out_ms;
	struct event event;
	char line[EVENT_JSON_SIZE];
};

/* --- lines of the record only */

#define SAFE(member, text) text_safe_str(member, sizeof(member), text)

static void describe_program(struct program_info *w, const char *libraries)
{
	char host[HOST_NAME_MAX + 1] = "", system[sizeof(struct utsname)] = "";
	struct utsname name;

	gethostname(host, sizeof(host) - 1);
	if (uname(&name) == 0)
		snprintf(system, sizeof(system), "%s %s %s", name.sysname, name.release, name.machine);
	w->pid = (int)getpid();
	SAFE(w->program, "dfota " PACKAGE_VERSION);
	SAFE(w->libraries, libraries ? libraries : "");
	SAFE(w->host, host);
	SAFE(w->system, system);
	w->when_s = clock_utc_now_s();
}

/* PLAN without secrets, as safe text. */
static void describe_plan(struct plan *out, const struct plan *plan)
{
	char url[URL_SIZE + 16], command[sizeof(plan->com_command) + 64];
	struct redactor secrets;

	*out = *plan;
	memset(out->user, 0, sizeof(out->user));
	memset(out->password, 0, sizeof(out->password));
	out->baud = plan->baud ? plan->baud : 115200;
	SAFE(out->port, plan->port);
	SAFE(out->file, plan->file);
	redact_url(url, sizeof(url), plan->url);
	SAFE(out->url, url);
	redact_url(url, sizeof(url), plan->publish);
	SAFE(out->publish, url);
	SAFE(out->target, plan->target);
	SAFE(out->manifest, plan->manifest);
	SAFE(out->profile, plan->profile);
	SAFE(out->imei, plan->imei);
	redactor_init(&secrets);
	text_safe(out->com_command, sizeof(out->com_command), command,
		  redact(&secrets, command, sizeof(command), plan->com_command, strlen(plan->com_command)));
}

/* --- making one */

/* Make each directory of PATH up to its last '/', mode 0700. */
static int make_directories(char *path, struct err *e)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int r;

		*slash = '\0';
		r = mkdir(path, 0700);
		if (r < 0 && errno != EEXIST) {
			err_fail_sys(e, MSG_RECORD_DIRECTORY_NOT_MADE, errno, "directory=%s", path);
			*slash = '/';
			return -1;
		}
		*slash = '/';
	}
	return 0;
}

/* The usual name: when, and who, so that two programs never meet; NUMBER keeps
 * the records of one program apart. */
static int usual_path(char *out, size_t out_size, bool demo, unsigned number, struct err *e)
{
	char directory[FILE_SIZE], when[32], more[16] = "";
	time_t now = time(NULL);
	struct tm tm = {0};

	if ((demo ? store_demo_directory : store_directory)(directory, sizeof(directory), e) < 0)
		return -1;
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	if (number)
		snprintf(more, sizeof(more), "-%u", number);
	snprintf(out, out_size, "%s/%s-%ld%s.jsonl", directory, when, (long)getpid(), more);
	return make_directories(out, e);
}

static int create_file(struct record_writer *s, const char *path, bool demo, size_t head_size, struct err *e)
{
	char usual[PATH_MAX];
	unsigned number = 0;

	do {
		if (!path && usual_path(usual, sizeof(usual), demo, number++, e) < 0)
			return -1;
		s->file = journal_create(path ? path : usual, s->line, head_size, e);
	} while (!s->file && e->detail == EEXIST && !path && number < RECORDS_A_SECOND);
	return s->file ? 0 : -1;
}

static struct record_writer *writer_new(struct err *e)
{
	struct record_writer *s = calloc(1, sizeof(*s));

	if (!s) {
		err_fail(e, MSG_RECORD_NO_MEMORY, "");
		return NULL;
	}
	s->progress_ms = -PROGRESS_EVERY_MS;
	s->talk.left = s->news.left = FLOOD_BURST * 1000;
	return s;
}

struct record_writer *writer_create(const char *path, const char *libraries,
				    const struct plan *plan, struct err *e)
{
	struct record_writer *s = writer_new(e);
	struct event ev = {.type = EVENT_START, .start.format = RECORD_FORMAT};
	int size;

	if (!s)
		return NULL;
	describe_program(&ev.start.by, libraries);
	describe_plan(&ev.start.plan, plan);
	size = event_json(s->line, sizeof(s->line), &ev);
	if (size < 0)
		err_fail(e, MSG_RECORD_NO_MEMORY, "");
	if (size < 0 || create_file(s, path, plan->demo, (size_t)size, e) < 0) {
		writer_close(s);
		return NULL;
	}
	if (!path && plan->demo)
		store_prune_demos();
	else if (!path)
		store_prune(STORE_KEEP_COUNT, STORE_KEEP_DAYS);
	return s;
}

/* --- a line of an event */

/* What an upgrade cannot be understood without. */
static bool is_vital(enum event_type type)
{
	switch (type) {
	case EVENT_STEP:
	case EVENT_IDENTITY:
	case EVENT_QUESTION:
	case EVENT_RESULT:
	case EVENT_PACKAGE:
	case EVENT_ANSWER:
	case EVENT_PLAN:
	case EVENT_SETTING:
	case EVENT_START:
	case EVENT_INTENT:
	case EVENT_RESUMED:
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_GAP:
		return true;
	case EVENT_PROGRESS:
	case EVENT_NOTICE:
	case EVENT_LINE:
	case EVENT_DATA:
	case EVENT_PORT:
	case EVENT_RECORD:
	case EVENT_BEGIN:
	case EVENT_CHECKS:
	case EVENT_COUNT:
		;
	}
	return false;
}

static int append_event(struct record_writer *s, const struct event *ev, struct err *e)
{
	struct journal_line line = {.text = s->line, .t_ms = ev->t_ms, .vital = is_vital(ev->type)};
	int size;

	size = event_json(s->line, sizeof(s->line), ev);
	if (size < 0)
		return journal_lose(s->file, ev->t_ms, e);
	line.size = (size_t)size;
	return journal_append(s->file, &line, e);
}

/* --- continuing one */

/* When a line was written, by the wall clock; -1: it does not say. */
static int64_t line_when_ms(const char *line, size_t size)
{
	struct event ev;
	int64_t when_s = 0;

	if (!line_begins(line, size, "{\"type\":\"intent\"") &&
	    !line_begins(line, size, "{\"type\":\"resumed\""))
		return -1;
	if (event_parse(line, size, &ev))
		when_s = ev.type == EVENT_INTENT ? ev.intent.when_s : ev.resumed.when_s;
	return when_s ? when_s * 1000 : -1;
}

/* The time of the last line, and on which wall-clock time the zero of its
 * record lies, by the last line that says both; -1: none does. */
static void find_end(int fd, int64_t *t_ms, int64_t *zero_ms)
{
	struct last_lines *t = malloc(sizeof(*t));
	const char *line;
	size_t size;

	*t_ms = *zero_ms = -1;
	if (!t)
		return;
	last_lines_begin(t, fd, REACH);
	while (*zero_ms < 0 && last_lines_next(t, &line, &size)) {
		struct line_info info = line_info_of(line, size);
		int64_t when_ms;

		if (!info.timed || info.t_ms > T_MAX_MS)
			continue;
		when_ms = line_when_ms(line, size);
		if (*t_ms < 0)
			*t_ms = info.t_ms;
		if (when_ms >= 0)
			*zero_ms = when_ms - info.t_ms;
	}
	free(t);
}

/* Time in the record continues where it ended, later by how long it lay if the
 * wall clock can say so. */
static int64_t time_now_ms(int fd)
{
	int64_t last_ms, zero_ms, now_ms;
	struct timespec now;

	find_end(fd, &last_ms, &zero_ms);
	if (last_ms < 0)
		last_ms = 0;
	if (zero_ms < 0)
		return last_ms;
	clock_gettime(CLOCK_REALTIME, &now);
	now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - zero_ms;
	return now_ms > last_ms && now_ms - last_ms < AWAY_MAX_MS ? now_ms : last_ms;
}

struct record_writer *writer_reopen(const char *path, const char *libraries,
				    struct err *e)
{
	struct record_writer *s = writer_new(e);
	struct event ev = {.type = EVENT_RESUMED};

	if (!s)
		return NULL;
	s->file = journal_open(path, e);
	if (!s->file) {
		writer_close(s);
		return NULL;
	}
	s->reopened = true;
	s->from_ms = ev.t_ms = time_now_ms(journal_descriptor(s->file));
	describe_program(&ev.resumed, libraries);
	/* a full disk is no reason not to watch */
	append_event(s, &ev, &s->unreported);
	return s;
}

/* --- events */

/* Is EV too much? Once it was, a second's worth of lines must be free again, so
 * that a long flood costs one gap line a second. */
static bool is_flood(struct record_writer *s, const struct event *ev)
{
	bool received = ev->type == EVENT_LINE && ev->line.dir == LINE_RX;
	struct allowance *a = received && !ev->line.meaning.is_fota ? &s->talk : &s->news;

	if (journal_size(s->file) >= RECORD_SIZE_MAX)
		return true;
	if (!received && ev->type != EVENT_NOTICE)
		return false;
	if (ev->t_ms > a->left_ms) {
		a->left += (ev->t_ms - a->left_ms) * FLOOD_PER_S;
		a->left_ms = ev->t_ms;
	}
	if (a->left > FLOOD_BURST * 1000)
		a->left = FLOOD_BURST * 1000;
	a->spent = a->left < (a->spent ? FLOOD_PER_S * 1000 : 1000);
	if (a->spent)
		return true;
	a->left -= 1000;
	return false;
}

/* Say how many lines were left out. */
static int append_left_out(struct record_writer *s, struct err *e)
{
	struct event ev = {.type = EVENT_GAP, .t_ms = s->left_out_ms, .gap = {s->left_out, GAP_FLOOD}};

	if (s->left_out == 0)
		return 0;
	s->left_out = 0;
	return append_event(s, &ev, e);
}

/* From the time of the caller to that of the record. */
static int64_t record_time(struct record_writer *s, int64_t t_ms)
{
	if (s->reopened)
		s->shift_ms = s->from_ms - t_ms;
	s->reopened = false;
	return t_ms + s->shift_ms;
}

static bool is_too_much(struct record_writer *s, const struct event *ev)
{
	if (ev->type == EVENT_PROGRESS) {
		s->holds = ev->t_ms - s->progress_ms < PROGRESS_EVERY_MS;
		if (s->holds) {
			s->held = *ev;
			return true;
		}
		s->progress_ms = ev->t_ms;
	}
	if (is_vital(ev->type) || !is_flood(s, ev))
		return false;
	if (s->left_out++ == 0)
		s->left_out_ms = ev->t_ms;
	return true;
}

static int append_held(struct record_writer *s, struct err *e)
{
	if (!s->holds)
		return 0;
	s->holds = false;
	s->held.t_ms = s->event.t_ms;	/* other lines came since */
	return append_event(s, &s->held, e);
}

/* The lines that stand in records only are for the functions that make them. */
static bool is_recorded(enum event_type type)
{
	return type < EVENT_START && line_class_recorded((int)type);
}

int writer_append(struct record_writer *s, const struct event *ev, struct err *e)
{
	int gap, r;

	if (!s || !is_recorded(ev->type))
		return 0;
	event_copy(&s->event, ev);
	s->event.t_ms = record_time(s, ev->t_ms);
	if (is_too_much(s, &s->event))
		return 0;
	gap = append_left_out(s, e);
	if (ev->type == EVENT_STEP && append_held(s, e) < 0)
		gap = -1;
	r = append_event(s, &s->event, e);
	if (s->unreported.code != ERR_NONE) {
		*e = s->unreported;
		s->unreported.code = ERR_NONE;
		return -1;
	}
	return r != 0 ? r : gap;
}

/* OPEN as safe text. */
static void describe_intent(struct open_upgrade *out, const struct open_upgrade *open)
{
	const struct identity *id = &open->module;

	*out = *open;
	SAFE(out->module.model, id->model);
	SAFE(out->module.imei, id->imei);
	SAFE(out->module.version, id->version);
	SAFE(out->module.profile, id->profile);
	SAFE(out->module.port, id->port);
	SAFE(out->module.usb_path, id->usb_path);
	SAFE(out->module.serial, id->usb_path[0] ? id->serial : "");
	SAFE(out->to, open->to);
	if (!id->usb_path[0])
		out->module.usb_interface = -1;
	out->when_s = clock_utc_now_s();
}

int writer_intent(struct record_writer *s, const struct open_upgrade *open,
		  int64_t t_ms, struct err *e)
{
	struct journal_line line = {.vital = true};
	struct event ev = {.type = EVENT_INTENT};
	int size;

	if (!s)
		return 0;
	line.t_ms = ev.t_ms = record_time(s, t_ms);
	describe_intent(&ev.intent, open);
	append_left_out(s, &s->unreported);
	line.text = s->line;
	size = event_json(s->line, sizeof(s->line), &ev);
	if (size < 0)
		return err_fail(e, MSG_RECORD_LINE_LOST, "record=%s", writer_path(s));
	line.size = (size_t)size;
	return journal_state(s->file, &line, e);
}

void writer_close(struct record_writer *s)
{
	struct err ignored;

	if (!s)
		return;
	if (s->file)
		append_left_out(s, &ignored);
	journal_close(s->file);
	free(s);
}

const char *writer_path(const struct record_writer *s)
{
	return s ? journal_path(s->file) : "";
}
