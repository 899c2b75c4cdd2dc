/*
 * screen_fixture.h - the screen driven step by step, on a worker that does
 * nothing but hand out the events of the test. What is seen is compared with
 * golden/NAME.txt; DFOTA_GOLDEN=write writes these files again.
 */
#ifndef DFOTA_SCREEN_FIXTURE_H
#define DFOTA_SCREEN_FIXTURE_H

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#include <cmocka.h>

#include "ui/term/keys.h"
#include "ui/ui.h"
#include "worker.h"
#include "words.h"

/* -- the worker: worker.h for one thread and by hand -- */

#define EVENTS_MAX 600
#define REQUESTS_MAX 64

struct worker {
	int fd;
	struct event events[EVENTS_MAX];
	size_t first, count;
	struct request requests[REQUESTS_MAX];
	size_t request_count;
	struct request look;	/* the newest REQUEST_LOOK; they are not among the others */
	unsigned looks;
	struct outlook outlook;
	bool outlook_new;
	bool busy;
	int64_t now_ms;
};

int worker_event_fd(const struct worker *w)
{
	return w->fd;
}

bool worker_next_event(struct worker *w, struct event *ev)
{
	eventfd_t counter;

	if (!w->count) {
		eventfd_read(w->fd, &counter);
		return false;
	}
	*ev = w->events[w->first];
	w->first = (w->first + 1) % EVENTS_MAX;
	w->count--;
	return true;
}

int worker_request(struct worker *w, const struct request *r, struct err *e)
{
	if (r->type == REQUEST_LOOK) {
		w->look = *r;
		w->looks++;
		return 0;
	}
	if (w->request_count == REQUESTS_MAX)
		return err_fail(e, MSG_REQUESTS_FULL, "");
	w->requests[w->request_count++] = *r;
	return 0;
}

bool worker_outlook(struct worker *w, struct outlook *out)
{
	bool found = w->outlook_new;

	if (found)
		*out = w->outlook;
	w->outlook_new = false;
	return found;
}

bool worker_busy(struct worker *w)
{
	return w->busy;
}

int64_t worker_now_ms(const struct worker *w)
{
	return w->now_ms;
}

/* -- the harness -- */

struct rig {
	struct worker worker;
	struct ui *ui;
	FILE *out, *in;
	int keyboard;		/* -1: closed */
	int signals;		/* write signalfd_siginfo here */
	bool open;		/* ui_step() said so */
};

struct setup {
	int lines, columns;
	const char *term, *locale;
	const char *port, *file, *url, *publish;
	bool ascii, demo, no_mouse;
	const struct open_upgrade *open;
	size_t open_count;
	const struct result *unseen;
	const char *unseen_record;
	/* several modules, as ui_config has them */
	const struct plan *plans;
	size_t plan_count;
	struct worker *(*new_worker)(void *ctx, struct err *e);
	void *new_worker_ctx;
};

static const struct setup usual __attribute__((unused)) = {
	.lines = 24, .columns = 80, .term = "xterm", .locale = "C.UTF-8", .port = "/dev/ttyACM3",
};

static inline void set_number(const char *name, int value)
{
	char text[12];

	snprintf(text, sizeof(text), "%d", value);
	setenv(name, text, 1);
}

static inline void set_environment(const struct setup *s)
{
	set_number("LINES", s->lines);
	set_number("COLUMNS", s->columns);
	setenv("TERM", s->term, 1);
	setenv("LC_ALL", s->locale, 1);
	setenv("NO_COLOR", "1", 1);
	setlocale(LC_CTYPE, "");
}

/* Do what is waiting to be done. */
static inline void step(struct rig *r)
{
	if (!r->open)
		return;
	eventfd_write(r->worker.fd, 1);
	r->open = ui_step(r->ui);
}

static inline struct rig *rig_open(const struct setup *s, FILE *out, FILE *in, int keyboard)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct ui_config config = {
		.ascii = s->ascii, .demo = s->demo, .no_mouse = s->no_mouse, .open = s->open, .open_count = s->open_count,
		.unseen = s->unseen, .unseen_record = s->unseen_record, .plans = s->plans, .plan_count = s->plan_count,
		.new_worker = s->new_worker, .new_worker_ctx = s->new_worker_ctx,
	};
	struct err e = { 0 };
	int pipes[2];

	assert_non_null(r);
	set_environment(s);
	assert_int_equal(pipe(pipes), 0);
	config.signal_fd = pipes[0];
	r->signals = pipes[1];
	snprintf(config.plan.port, sizeof(config.plan.port), "%s", s->port ? s->port : "");
	snprintf(config.plan.file, sizeof(config.plan.file), "%s", s->file ? s->file : "");
	snprintf(config.plan.url, sizeof(config.plan.url), "%s", s->url ? s->url : "");
	snprintf(config.plan.publish, sizeof(config.plan.publish), "%s", s->publish ? s->publish : "");
	r->worker.fd = eventfd(0, EFD_NONBLOCK);
	r->out = out;
	r->in = in;
	r->keyboard = keyboard;
	r->ui = ui_open(&r->worker, &config, r->out, r->in, &e);
	if (!r->ui)
		fail_msg("no screen: %s", err_words(&e));
	r->open = true;
	step(r);
	return r;
}

static inline struct rig *rig_new(const struct setup *s)
{
	int keys[2];

	assert_int_equal(pipe(keys), 0);
	return rig_open(s, fopen("/dev/null", "w"), fdopen(keys[0], "r"), keys[1]);
}

static inline int rig_close(struct rig *r)
{
	int status = ui_close(r->ui);

	fclose(r->out);
	fclose(r->in);
	if (r->keyboard >= 0)
		close(r->keyboard);
	close(r->signals);
	close(r->worker.fd);
	free(r);
	return status;
}

/* Time passes, far enough for a drawing. */
static inline void wait_a_bit(struct rig *r)
{
	r->worker.now_ms += 1000;
	step(r);
}

/* Bytes that arrive at once. */
static inline void send_bytes(struct rig *r, const char *bytes)
{
	assert_int_equal(write(r->keyboard, bytes, strlen(bytes)), strlen(bytes));
	step(r);
}

/* Keys pressed one after the other. */
static inline void type(struct rig *r, const char *keys)
{
	char key[2] = "";

	for (; *keys; keys++) {
		key[0] = *keys;
		send_bytes(r, key);
	}
}

static inline void give(struct worker *w, const struct event *ev)
{
	assert_true(w->count < EVENTS_MAX);
	w->events[(w->first + w->count) % EVENTS_MAX] = *ev;
	w->events[(w->first + w->count++) % EVENTS_MAX].t_ms = w->now_ms;
}

static inline void push(struct rig *r, const struct event *ev)
{
	give(&r->worker, ev);
}

static inline void push_step_end(struct rig *r, enum step s, enum ended ended)
{
	struct event ev = { .type = EVENT_STEP };

	ev.step.step = s;
	ev.step.ended = ended;
	push(r, &ev);
}

static inline void push_step(struct rig *r, enum step s, bool begin, enum route route)
{
	struct event ev = { .type = EVENT_STEP };

	ev.step.step = s;
	ev.step.begin = begin;
	ev.step.cancel = step_cancel(s, route);
	ev.step.limit_ms = 60000;
	push(r, &ev);
}

static inline void push_line(struct rig *r, enum line_dir dir, const char *text, bool urc, bool error)
{
	struct event ev = { .type = EVENT_LINE };

	ev.line.dir = dir;
	ev.line.urc = urc;
	ev.line.error = error;
	snprintf(ev.line.text, sizeof(ev.line.text), "%s", text);
	ev.line.raw_size = (uint16_t)snprintf((char *)ev.line.raw, sizeof(ev.line.raw), "%s\r\n", text);
	push(r, &ev);
}

static inline void push_notice(struct rig *r, enum severity severity, const char *text)
{
	struct event ev = { .type = EVENT_NOTICE };

	ev.notice.severity = severity;
	message_set(&ev.notice.message, MSG_SAID, "text=%s", text);
	push(r, &ev);
}

static inline void push_progress(struct rig *r, enum step s, enum unit unit, uint64_t done, uint64_t total)
{
	struct event ev = { .type = EVENT_PROGRESS };

	ev.progress.step = s;
	ev.progress.unit = unit;
	ev.progress.done = done;
	ev.progress.total = total;
	ev.progress.bytes_per_s = unit == UNIT_BYTES ? 11400 : 0;
	ev.progress.left_ms = unit == UNIT_BYTES ? (int64_t)(total - done) * 10 / 114 : -1;
	ev.progress.last_rx_ms = r->worker.now_ms;
	push(r, &ev);
}

static inline struct identity ug96(const char *version)
{
	struct identity id = { .maker = "Quectel", .model = "UG96", .imei = "861234567890123",
			       .profile = "ugxx", .port = "/dev/ttyACM3" };

	snprintf(id.version, sizeof(id.version), "%s", version);
	return id;
}

static inline void push_identity(struct rig *r, const char *version)
{
	struct event ev = { .type = EVENT_IDENTITY };

	ev.identity = ug96(version);
	push(r, &ev);
}

/* One thing more that the preparation found; with a format as in message_set(). */
#define ADD_FACT(question, ...) message_set(&(question)->facts[(question)->fact_count++], __VA_ARGS__)

static inline struct event question_event(void)
{
	struct event ev = { .type = EVENT_QUESTION };

	ev.question = (struct question){
		.from = "UG96LNAR02A06E1G", .to = "UG96LNAR02A08E1G", .package = "ug96-06-08.bin",
		.size = 307200, .route = ROUTE_SERIAL,
		.sha256 = "9f2c41d06a7be8135c4f0d92e7a86b3190cd4e5f6a7b8c9d0e1f2a3b4c5d6e7f",
		.command = "AT+QFOTADL=\"COM:\",307200,60",
	};
	ev.question.module = ug96("UG96LNAR02A06E1G");
	ADD_FACT(&ev.question, MSG_NO_MANIFEST, "from=%s to=%s", "UG96LNAR02A06E1G", "UG96LNAR02A08E1G");
	return ev;
}

static inline void push_question(struct rig *r)
{
	struct event ev = question_event();

	push(r, &ev);
}

static inline struct event result_event(enum outcome outcome)
{
	struct event ev = { .type = EVENT_RESULT };

	ev.result = (struct result){
		.job = JOB_UPGRADE, .outcome = outcome, .exit_status = outcome_info(outcome)->exit_status,
		.step = STEP_VERIFY, .phase = PHASE_VERIFY,
		.from = "UG96LNAR02A06E1G", .to = "UG96LNAR02A08E1G", .now = "UG96LNAR02A08E1G",
		.advice = "nothing more to do",
		.record = "/home/field/.local/state/dfota/sessions/20240311-101500.jsonl",
	};
	message_set(&ev.result.what, MSG_SAID, "text=%s", "the module runs UG96LNAR02A08E1G, read again after its restart");
	return ev;
}

static inline void push_ports(struct rig *r)
{
	static const struct port_info ports[] = {
		{ .path = "/dev/ttyACM0", .description = "UG96", .usb_path = "1-1.2", .driver = "cdc_acm",
		  .usb_vid = 0x1519, .usb_pid = 0x0020, .usb_interface = 0 },
		{ .path = "/dev/ttyACM3", .description = "UG96", .usb_path = "1-1.2", .driver = "cdc_acm",
		  .usb_vid = 0x1519, .usb_pid = 0x0020, .usb_interface = 3, .likely_at = true },
		{ .path = "/dev/ttyUSB0", .description = "FT232R", .serial = "A50285BI", .usb_path = "1-1.4",
		  .driver = "ftdi_sio", .usb_vid = 0x0403, .usb_pid = 0x6001, .usb_interface = 0 },
		{ .path = "/dev/ttyS0", .driver = "serial8250", .usb_vid = -1, .usb_pid = -1, .usb_interface = -1,
		  .holder = "minicom (812)", .problem = SAID("held by minicom (812): end that program") },
		{ .path = "/dev/ttyS1", .driver = "serial8250", .usb_vid = -1, .usb_pid = -1, .usb_interface = -1,
		  .problem = SAID("no permission: group dialout has it; sudo usermod -aG dialout field, then log in again") },
	};
	struct event ev = { .type = EVENT_PORT };

	ev.port.count = sizeof(ports) / sizeof(ports[0]);
	for (ev.port.index = 0; ev.port.index < ev.port.count; ev.port.index++) {
		ev.port.info = ports[ev.port.index];
		push(r, &ev);
	}
}

/* What the worker found out about what the fields name now; ID MSG_NONE: nothing against it. */
#define push_outlook(r, where, ...) \
	do { \
		(r)->worker.outlook.field = (where); \
		message_set(&(r)->worker.outlook.problem, __VA_ARGS__); \
		answer_look(r); \
	} while (0)

static inline void answer_look(struct rig *r)
{
	step(r);
	r->worker.outlook.number = r->worker.look.number;
	r->worker.outlook_new = true;
	step(r);
}

/* The last request, which must be of TYPE. */
static inline const struct request *last_request(struct rig *r, enum request_type type)
{
	assert_true(r->worker.request_count > 0);
	assert_int_equal(r->worker.requests[r->worker.request_count - 1].type, type);
	return &r->worker.requests[r->worker.request_count - 1];
}

static inline void send_signal(struct rig *r, int number)
{
	struct signalfd_siginfo info = { .ssi_signo = (uint32_t)number };

	assert_int_equal(write(r->signals, &info, sizeof(info)), sizeof(info));
	step(r);
}

/* -- a state directory of the test program -- */

static char state_home[] __attribute__((unused)) = "/tmp/dfota-state-XXXXXX";

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

/* For a group of tests: where the packages of the last upgrades are kept. */
static inline int begin_state_home(void **state)
{
	(void)state;
	return !mkdtemp(state_home) || setenv("XDG_STATE_HOME", state_home, 1);
}

static inline int end_state_home(void **state)
{
	(void)state;
	return nftw(state_home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* -- what is seen -- */

#define PICTURE_SIZE (256 * 1024)

/* The frame lines of curses' alternate set. */
static const struct {
	char set;
	wchar_t letter;
} lines_drawn[] = {
	{ 'l', 0x250c }, { 'k', 0x2510 }, { 'j', 0x2518 }, { 'm', 0x2514 }, { 'q', 0x2500 }, { 'x', 0x2502 },
};

struct seen {
	char *text;
	size_t size;
};

static inline void append(struct seen *s, wchar_t letter)
{
	char bytes[8];
	int n = wctomb(bytes, letter);

	if (n < 0)
		bytes[0] = '?', n = 1;
	assert_true(s->size + (size_t)n < PICTURE_SIZE);
	memcpy(s->text + s->size, bytes, (size_t)n);
	s->size += (size_t)n;
}

static inline attr_t append_cell(struct seen *s, int y, int x, int *width)
{
	wchar_t letters[CCHARW_MAX + 1] = L" ";
	attr_t attributes;
	cchar_t cell;
	short pair;
	size_t i;

	mvin_wch(y, x, &cell);
	getcchar(&cell, letters, &attributes, &pair, NULL);
	for (i = 0; i < 6; i++)
		if ((attributes & A_ALTCHARSET) && letters[0] == (wchar_t)lines_drawn[i].set)
			letters[0] = lines_drawn[i].letter;
	*width = wcwidth(letters[0]) == 2 ? 2 : 1;
	for (i = 0; letters[i]; i++)
		append(s, letters[i]);
	return attributes;
}

static inline void end_row(struct seen *s)
{
	while (s->size && s->text[s->size - 1] == ' ')
		s->size--;
	append(s, L'\n');
}

/* The runs of reverse video of a row: they mark the focus. */
static inline void append_reverse(struct seen *s, int y)
{
	static const char word[] = "reverse: ";
	bool inside = false;
	size_t before, i;
	int x, width;

	for (x = 0; x < COLS; x += width) {
		before = s->size;
		if (!inside)
			for (i = 0; word[i]; i++)
				append(s, (wchar_t)word[i]);
		if (append_cell(s, y, x, &width) & A_REVERSE) {
			inside = true;
			continue;
		}
		s->size = before;
		if (inside)
			end_row(s);
		inside = false;
	}
	if (inside)
		end_row(s);
}

static inline char *picture(void)
{
	struct seen s = { calloc(1, PICTURE_SIZE), 0 };
	int x, y, width;

	assert_non_null(s.text);
	for (y = 0; y < LINES; y++) {
		for (x = 0; x < COLS; x += width)
			append_cell(&s, y, x, &width);
		end_row(&s);
	}
	for (y = 0; y < LINES; y++)
		append_reverse(&s, y);
	s.text[s.size] = '\0';
	return s.text;
}

static inline bool sees(const char *text)
{
	char *p = picture();
	bool found = strstr(p, text) != NULL;

	free(p);
	return found;
}

static inline void assert_sees(const char *text)
{
	char *p = picture();

	if (!strstr(p, text))
		print_error("no \"%s\" on this screen:\n%s", text, p);
	assert_non_null(strstr(p, text));
	free(p);
}

static inline void tell_difference(const char *want, const char *got)
{
	int row = 1;

	while (*want || *got) {
		size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");

		if (w != g || memcmp(want, got, w))
			print_error("row %d\n  want |%.*s|\n  got  |%.*s|\n", row, (int)w, want, (int)g, got);
		want += w + (want[w] == '\n');
		got += g + (got[g] == '\n');
		row++;
	}
}

static inline void assert_golden(const char *name)
{
	const char *srcdir = getenv("srcdir"), *mode = getenv("DFOTA_GOLDEN");
	char path[512], *got = picture(), *want = calloc(1, PICTURE_SIZE);
	FILE *f;

	assert_non_null(want);
	snprintf(path, sizeof(path), "%s/tests/golden/%s.txt", srcdir ? srcdir : ".", name);
	if (mode && !strcmp(mode, "write")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(got, f);
		assert_int_equal(fclose(f), 0);
	}
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	want[fread(want, 1, PICTURE_SIZE - 1, f)] = '\0';
	fclose(f);
	if (strcmp(want, got)) {
		tell_difference(want, got);
		fail_msg("the screen is not %s", path);
	}
	free(got);
	free(want);
}

/* -- scenes -- */

/* Up to the middle of a transfer over the serial port. */
static inline void play_transfer(struct rig *r)
{
	push_ports(r);
	type(r, "s");
	r->worker.busy = true;
	push_step(r, STEP_IDENTIFY, true, ROUTE_SERIAL);
	r->worker.now_ms = 12031;
	push_line(r, LINE_TX, "AT+CGMR", false, false);
	r->worker.now_ms += 29;
	push_line(r, LINE_RX, "UG96LNAR02A06E1G", false, false);
	push_line(r, LINE_RX, "OK", false, false);
	push_identity(r, "UG96LNAR02A06E1G");
	push_step(r, STEP_IDENTIFY, false, ROUTE_SERIAL);
	push_step(r, STEP_CHECK, true, ROUTE_SERIAL);
	push_line(r, LINE_TX, "AT+QIREGAPP?", false, false);
	push_line(r, LINE_RX, "+CME ERROR: 3", false, true);
	push_step(r, STEP_CHECK, false, ROUTE_SERIAL);
	push_step(r, STEP_PREPARE, true, ROUTE_SERIAL);
	push_step(r, STEP_PREPARE, false, ROUTE_SERIAL);
	push_step(r, STEP_TRANSFER, true, ROUTE_SERIAL);
	r->worker.now_ms += 751;
	push_line(r, LINE_TX, "AT+QFOTADL=\"COM:\",307200,60", false, false);
	push_line(r, LINE_RX, "CONNECT", false, false);
	push_progress(r, STEP_TRANSFER, UNIT_BYTES, 116736, 307200);
	step(r);
}

static inline void play_install(struct rig *r)
{
	play_transfer(r);
	push_step(r, STEP_TRANSFER, false, ROUTE_SERIAL);
	push_step(r, STEP_INSTALL, true, ROUTE_SERIAL);
	push_line(r, LINE_RX, "+QIND: \"FOTA\",\"START\"", true, false);
	push_line(r, LINE_RX, "+QIND: \"FOTA\",\"UPDATING\",37", true, false);
	push_progress(r, STEP_INSTALL, UNIT_PERCENT, 37, 100);
	wait_a_bit(r);
}

static inline struct setup sized(int lines, int columns)
{
	struct setup s = usual;

	s.lines = lines;
	s.columns = columns;
	s.file = "/nonexistent/ug96-06-08.bin";
	return s;
}

#endif
