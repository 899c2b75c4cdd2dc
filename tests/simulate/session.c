#include "config.h"

#include "tests/simulate/session.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/count.h"
#include "base/interrupt.h"
#include "diagnosis/of_record.h"
#include "package/package.h"
#include "protocol/course.h"
#include "record/open_upgrade.h"
#include "record/reader.h"
#include "record/writer.h"
#include "sim/fetch.h"
#include "sim/personality.h"
#include "tests/simulate/judge.h"
#include "tests/simulate/nodes.h"
#include "tests/words.h"
#include "upgrade/upgrade.h"

#define IMEI "490154203237518"
#define URL "http://192.0.2.7/ug96-06-08.bin"
#define PACKAGE_MAX 65536
#define WALL_S 1750000000
/* After the last program the module is left alone for so long: what it still does, counts. */
#define LATER_MS (4 * 3600 * 1000)

static char directory[96], record_file[128];
static unsigned char bytes[PACKAGE_MAX];

/* One session under way. */
struct session {
	const struct world *world;
	struct setup setup;
	struct sim *sim, *twin;
	struct line *line;
	struct report *report;
	bool trace;

	/* the program that runs */
	struct upgrade *upgrade;
	struct port *port;
	struct diagnosis *diagnosis;
	struct record_writer *writer;
	uint64_t observed;
	struct interrupt interrupt;
	struct request pending;
	bool has_pending;
	bool step_open, sent;		/* sent: something was, in this step */
	long points, kill_at;
	size_t next_ask;
	enum step step;
	int64_t step_ms[STEP_COUNT];	/* when it began; 0: not yet */
	jmp_buf death;

	/* what the module fetches */
	bool fetching;
	int64_t fetch_ms;

	/* what the program wrote */
	char text[64];			/* the last bytes */
	bool asked;			/* AT+QFOTADL= went out, a serial form */
	uint64_t after;			/* bytes since */
	bool in_data;
};

/* --- files */

static void package_path(char *out, size_t size, const struct setup *s)
{
	snprintf(out, size, "%s/%s-%ld.bin", directory, sim_personality(s->family)->name, s->size);
}

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0)
		abort();
}

/* The package of S for module SET, and its manifest, made once. */
static void make_package(const struct setup *s, const struct sim_settings *set)
{
	struct manifest m = {.size = (uint64_t)s->size};
	char path[128], manifest[160];
	struct package *p;
	struct err e;

	package_path(path, sizeof(path), s);
	if (access(path, F_OK) == 0)
		return;
	write_file(path, bytes, (size_t)s->size);
	p = package_open(path, 1 << 20, &e);
	if (!p)
		abort();
	snprintf(m.model, sizeof(m.model), "%s", set->model);
	snprintf(m.from, sizeof(m.from), "%s", set->version);
	snprintf(m.to, sizeof(m.to), "%s", set->to);
	snprintf(m.sha256, sizeof(m.sha256), "%s", package_sha256(p));
	package_close(p);
	snprintf(manifest, sizeof(manifest), "%s.manifest", path);
	if (manifest_write(manifest, &m, &e) < 0)
		abort();
}

void session_begin(void)
{
	uint32_t x = 1;

	snprintf(directory, sizeof(directory), "%s/dfota-simulate-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(directory))
		abort();
	setenv("TMPDIR", directory, 1);
	nodes_begin(directory);
	snprintf(record_file, sizeof(record_file), "%s/record.jsonl", directory);
	for (size_t i = 0; i < PACKAGE_MAX; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(x >> 24);
	}
}

void session_end(void)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	if (system(command) != 0)
		fprintf(stderr, "%s stays\n", directory);
}

/* --- servers, as this computer sees them */

static enum server_fault our_server;

static int server_fails(enum server_fault fault, struct server_status *status, struct err *e)
{
	*status = (struct server_status){.reply = 200};
	switch (fault) {
	case SERVER_REFUSES:
		*status = (struct server_status){.kind = SERVER_CONNECT};
		return err_fail_sys(e, MSG_CONNECT_FAILED, 111, "host=%s", "192.0.2.7");
	case SERVER_MISSING:
		*status = (struct server_status){.kind = SERVER_NOT_FOUND, .reply = 404};
		return err_fail(e, MSG_HTTP_NOT_FOUND, "host=%s reply=%d wait=%d", "192.0.2.7", 404, 0);
	case SERVER_CUTS:
		*status = (struct server_status){.kind = SERVER_OTHER};
		return err_fail(e, MSG_HOST_RESET, "host=%s library=%s", "192.0.2.7", "reset");
	case SERVER_WRONG_FILE:
	case SERVER_LOGIN_BAD:
	case SERVER_FINE:
	case SERVER_FAULTS:
		break;
	}
	return 0;
}

static int probe(const char *url, const struct server_access *access, struct server_facts *facts,
		 const struct server_watch *watch, struct server_status *status, struct err *e)
{
	(void)url;
	(void)access;
	memset(facts, 0, sizeof(*facts));
	if (interrupt_ends(watch->interrupt))
		return err_fail(e, MSG_CANCELLED, "");
	return server_fails(our_server, status, e);
}

static long our_size;

static int download(const char *url, const struct server_access *access, const char *path, uint64_t max_size,
		    uint64_t size, const char *sha256, const struct server_watch *watch,
		    struct server_status *status, struct err *e)
{
	(void)url;
	(void)access;
	(void)max_size;
	(void)size;
	if (interrupt_ends(watch->interrupt))
		return err_fail(e, MSG_CANCELLED, "");
	if (server_fails(our_server, status, e) < 0)
		return -1;
	if (our_server == SERVER_WRONG_FILE && sha256)
		return err_fail(e, MSG_DOWNLOAD_OTHER_DIGEST, "host=%s sha256=%s expected=%s", "192.0.2.7", "00", "ff");
	write_file(path, bytes, (size_t)our_size);
	return 0;
}

static int publish(const char *url, const struct server_access *access, const char *path, uint64_t size,
		   const char *sha256, bool overwrite, const struct server_watch *watch,
		   struct server_status *status, struct err *e)
{
	(void)url;
	(void)access;
	(void)path;
	(void)size;
	(void)sha256;
	(void)overwrite;
	if (interrupt_ends(watch->interrupt))
		return err_fail(e, MSG_CANCELLED, "");
	return server_fails(our_server, status, e);
}

static const struct server_calls servers = {probe, download, publish};

/* --- and as the module does */

static void serve(struct session *s)
{
	static const struct server_status statuses[] = {
		[SERVER_FINE] = {.kind = SERVER_OK}, [SERVER_REFUSES] = {.kind = SERVER_CONNECT},
		[SERVER_CUTS] = {.kind = SERVER_OTHER}, [SERVER_WRONG_FILE] = {.kind = SERVER_OK},
		[SERVER_MISSING] = {.kind = SERVER_NOT_FOUND, .reply = 404},
		[SERVER_LOGIN_BAD] = {.kind = SERVER_LOGIN, .reply = 530},
	};
	enum server_fault fault = s->setup.server;
	int64_t now = line_now(s->line);

	if (!sim_fetch_wanted(s->sim)) {
		s->fetching = false;
		return;
	}
	if (!s->fetching) {
		s->fetching = true;
		s->fetch_ms = now + (s->setup.server_ms ? s->setup.server_ms : 1000);
	}
	if (now < s->fetch_ms)
		return;
	if (fault == SERVER_FINE)
		sim_fetch_data(s->sim, bytes, (size_t)s->setup.size);
	else if (fault == SERVER_CUTS)
		sim_fetch_data(s->sim, bytes, (size_t)s->setup.size / 2);
	else if (fault == SERVER_WRONG_FILE)
		sim_fetch_data(s->sim, bytes + 1, (size_t)s->setup.size);
	sim_fetch_end(s->sim, now, &statuses[fault], statuses[fault].kind == SERVER_OK);
	s->fetching = false;
}

/* --- the program and what is done to it */

static void die(void *ctx)
{
	struct session *s = ctx;

	longjmp(s->death, 1);
}

static void request_now(void *ctx);

/* kill -9 at a call or an event; or somebody wants something just then. */
static void pass_point(void *ctx)
{
	struct session *s = ctx;

	if (++s->points == s->kill_at)
		die(s);
	if (s->points == s->setup.request.point)
		line_wake(s->line, line_now(s->line), request_now, s);
}

static bool on_interrupt(void *ctx)
{
	struct session *s = ctx;

	if (!s->has_pending)
		return false;
	s->has_pending = false;
	return upgrade_request(s->upgrade, &s->pending);
}

static void ask(struct session *s, enum request_type type, bool yes)
{
	s->pending = (struct request){.type = type, .yes = yes};
	s->has_pending = true;
	interrupt_raise(&s->interrupt);
}

static void request_now(void *ctx)
{
	struct session *s = ctx;
	struct outcome_seen *seen = &s->report->seen;

	if (!s->upgrade)
		return;
	seen->was_asked = true;
	seen->asked_step = s->step;
	seen->asked_ms = line_now(s->line);
	ask(s, s->setup.request.type, false);
}

static void ask_now(void *ctx);

/* The next thing that the operator wants, once its step has begun. */
static void plan_ask(struct session *s)
{
	int64_t at_ms = INT64_MAX;

	if (!s->upgrade)
		return;
	for (size_t i = s->next_ask; i < ASKS; i++) {
		const struct asking *a = &s->setup.asks[i];

		if (a->type != REQUEST_RUN && s->step_ms[a->step] && s->step_ms[a->step] + a->ms < at_ms) {
			at_ms = s->step_ms[a->step] + a->ms;
			s->setup.asks[s->next_ask] = s->setup.asks[i];
			if (i != s->next_ask)
				s->setup.asks[i].type = REQUEST_RUN;
		}
	}
	if (at_ms != INT64_MAX)
		line_wake(s->line, at_ms, ask_now, s);
}

static void ask_now(void *ctx)
{
	struct session *s = ctx;

	if (s->upgrade && s->next_ask < ASKS)
		ask(s, s->setup.asks[s->next_ask++].type, false);
}

/* While time passes. */
static int64_t look(void *ctx)
{
	struct session *s = ctx;
	int64_t now = line_now(s->line) - LINE_START_MS;

	disk_set_wall(WALL_S + now / 1000 + (s->setup.jump_at_ms && now >= s->setup.jump_at_ms ? s->setup.jump_s : 0));
	serve(s);
	judge_time(s->report, s->sim, s->line, &s->setup);
	return s->fetching ? s->fetch_ms : INT64_MAX;
}

/* What the program is about to do must be on disk before. */
static void before_write(void *ctx, const void *data, size_t size)
{
	static const char command[] = "AT+QFOTADL=\"";
	struct session *s = ctx;
	size_t n = size < sizeof(s->text) ? size : sizeof(s->text) - 1;

	judge_write(s->report, s->sim, s->line, &s->setup, data, size);
	if (s->asked && (sim_truth_of(s->sim).takes_data || !line_on_the_way(s->line)))
		s->in_data = sim_truth_of(s->sim).takes_data;
	if (s->in_data) {
		s->after += size;
		if (!disk_has_transfer())
			snprintf(s->report->truth.early, sizeof(s->report->truth.early), "package bytes");
		if (s->after >= (uint64_t)s->setup.size && !disk_has_install())
			snprintf(s->report->truth.early, sizeof(s->report->truth.early), "the last byte of the package");
		return;
	}
	memcpy(s->text, data, n);
	s->text[n] = '\0';
	if (strncmp(s->text, command, sizeof(command) - 1) != 0)
		return;
	s->report->truth.ordered++;
	s->asked = strstr(s->text, "COM:") || strstr(s->text, "FILE:");
	s->after = 0;
	if (!(s->asked ? disk_has_transfer() : disk_has_install()))
		snprintf(s->report->truth.early, sizeof(s->report->truth.early), "AT+QFOTADL");
}

static void trace_event(const struct event *ev)
{
	double t = (double)ev->t_ms / 1000;

	if (ev->type == EVENT_STEP)
		printf("%9.3f -- %s %s\n", t, step_info(ev->step.step)->name,
		       ev->step.begin ? "begins" : ended_name(ev->step.ended));
	else if (ev->type == EVENT_NOTICE)
		printf("%9.3f    %s\n", t, message_words(&ev->notice.message));
	else if (ev->type == EVENT_LINE)
		printf("%9.3f %c  %s%s\n", t, ev->line.dir == LINE_TX ? '>' : '<', ev->line.text,
		       ev->line.urc ? "  (unsolicited)" : "");
	else if (ev->type == EVENT_ANSWER)
		printf("%9.3f    somebody says %s\n", t, ask_name(ev->answer));
	else if (ev->type == EVENT_RESULT)
		printf("%9.3f    %s: %s\n", t, outcome_info(ev->result.outcome)->name, message_words(&ev->result.what));
}

static void observe(void *ctx, struct event *ev)
{
	struct session *s = ctx;

	diagnosis_take(s->diagnosis, s->observed++, ev);
	if (ev->type == EVENT_RESULT)
		diagnosis_explain(s->diagnosis, FOR_CONSOLE, &ev->result);
	if (ev->type == EVENT_INTENT)
		s->report->seen.gate_ms = line_now(s->line);
}

static void on_step(struct session *s, const struct event *ev)
{
	s->report->seen.step_wrong |= s->step_open != !ev->step.begin;
	s->step_open = ev->step.begin;
	s->step = ev->step.step;
	if (ev->step.begin)
		s->sent = false;
	else
		s->report->seen.only_heard = !s->sent && port_is_open(s->port);
	if (!ev->step.begin || s->step_ms[ev->step.step])
		return;
	s->step_ms[ev->step.step] = line_now(s->line);
	plan_ask(s);
}

/* Who it is, it says last of all: each round of questions begins with ATI. */
static void note_who(struct session *s, enum line_dir dir, const char *text)
{
	s->sent |= dir == LINE_TX;
	if (dir == LINE_TX && strcmp(text, "ATI") == 0)
		s->report->seen.told_ms = INT64_MAX;
	else if (dir == LINE_RX && strstr(text, IMEI))
		s->report->seen.told_ms = line_now(s->line);
}

static void on_event(void *ctx, const struct event *ev)
{
	struct session *s = ctx;

	pass_point(s);
	if (s->trace)
		trace_event(ev);
	if (ev->type == EVENT_LINE)
		note_who(s, ev->line.dir, ev->line.text);
	if (ev->type == EVENT_LINE && ev->line.dir == LINE_RX && course_word(&ev->line.meaning.fota) != COURSE_NOTHING)
		s->report->seen.word_ms = line_now(s->line);
	if (ev->type == EVENT_LINE && ev->line.dir == LINE_RX)
		s->report->seen.started |= course_word(&ev->line.meaning.fota) == COURSE_INSTALLS;
	if (ev->type == EVENT_NOTICE)
		s->report->seen.asks_no_more |= ev->notice.message.id == MSG_ASKS_NO_MORE;
	if (ev->type == EVENT_STEP)
		on_step(s, ev);
	if (ev->type == EVENT_QUESTION && s->setup.answers)
		ask(s, REQUEST_ANSWER, s->setup.yes);
	if (ev->type == EVENT_RESULT) {
		s->report->seen.results++;
		s->report->seen.result = ev->result;
	}
	if (s->next_ask < ASKS && s->report->seen.results == 0)
		plan_ask(s);
}

/* What another program has recorded before, as the worker does it. */
static void observe_record(struct session *s)
{
	struct err unreadable;
	struct record *r = record_open(record_file, &unreadable);

	if (r) {
		diagnosis_read(s->diagnosis, r);
		s->observed = record_count(r);
	}
	record_free(r);
}

static bool open_record(struct session *s)
{
	struct plan *plan = &s->setup.plan;
	struct err e = {0};

	if (plan->job == JOB_RESUME)
		s->writer = writer_reopen(record_file, NULL, &e);
	else
		s->writer = writer_create(record_file, NULL, plan, &e);
	if (!s->writer)
		return false;
	if (plan->job == JOB_RESUME)
		observe_record(s);
	return true;
}

/* Who is killed frees nothing, and in this process that is a leak. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* From its start to its end, or its death. */
static void run_guarded(struct session *s, struct upgrade_env *env)
{
	struct event start = {.type = EVENT_START};
	struct err e = {0};

	if (setjmp(s->death) != 0) {
		s->report->seen.killed = true;
		return;
	}
	if (!open_record(s))
		return;
	env->record = s->writer;
	if (s->setup.plan.job != JOB_RESUME) {
		start.start.plan = s->setup.plan;
		diagnosis_take(s->diagnosis, s->observed++, &start);
	}
	s->upgrade = upgrade_new(env, &s->setup.plan, &e);
	upgrade_run(s->upgrade, NULL);
}

static void run_program(struct session *s)
{
	struct upgrade_env env = {
		.observe = observe, .emit = on_event, .ctx = s, .start_ms = clock_now_ms(line_clock(s->line)),
		.servers = &servers, .clock = line_clock(s->line), .roots = nodes_roots(),
	};
	struct outcome_seen *seen = &s->report->seen;
	struct err e = {0};

	s->points = 0;
	s->kill_at = seen->programs < KILLS ? s->setup.kills[seen->programs] : 0;
	s->observed = 0;
	s->step_open = s->has_pending = s->asked = s->in_data = false;
	memset(s->step_ms, 0, sizeof(s->step_ms));
	seen->killed = seen->asks_no_more = seen->started = false;
	seen->results = 0;
	seen->gate_ms = 0;
	seen->begun_ms = line_now(s->line);
	seen->told_ms = INT64_MAX;
	seen->programs++;
	if (interrupt_init(&s->interrupt, &e) < 0)
		abort();
	s->interrupt.hook = on_interrupt;
	s->interrupt.ctx = s;
	env.port = port_new_custom(env.clock, &s->interrupt, line_backend(), s->line, &e);
	env.interrupt = &s->interrupt;
	s->diagnosis = diagnosis_new();
	s->port = env.port;
	line_on_call(s->line, pass_point, s);
	disk_begin(&s->setup.disk, die, s);
	run_guarded(s, &env);
	disk_end();
	s->setup.disk.kill_at = 0;
	line_on_call(s->line, NULL, NULL);
	if (seen->killed)
		line_hang_up(s->line);
	seen->ended_ms = line_now(s->line);
	seen->points = s->points;
	memcpy(seen->step_ms, s->step_ms, sizeof(seen->step_ms));
	seen->finding_count = diagnosis_findings(s->diagnosis, FOR_CONSOLE, seen->findings, FINDINGS_MAX);
	upgrade_free(s->upgrade);
	s->upgrade = NULL;
	diagnosis_free(s->diagnosis);
	writer_close(s->writer);
	s->writer = NULL;
	port_free(env.port);
	interrupt_close(&s->interrupt);
}

/* Is there something to go on with? */
static bool is_unfinished(struct open_upgrade *open)
{
	struct err e = {0};
	struct record *record = record_open(record_file, &e);
	bool found = false;

	memset(open, 0, sizeof(*open));
	if (record)
		found = record_open_upgrade(record, open);
	record_free(record);
	return found;
}

static void run_programs(struct session *s)
{
	struct outcome_seen *seen = &s->report->seen;
	struct open_upgrade open;

	run_program(s);
	while (seen->programs < PROGRAMS && (seen->killed || s->setup.resumes)) {
		if (!is_unfinished(&open))
			break;
		line_pass(s->line, s->setup.away_ms);
		s->setup.plan.job = JOB_RESUME;
		s->setup.plan.port[0] = '\0';	/* by the record */
		s->setup.plan.open = open;
		s->setup.resumes = false;
		seen->resumed++;
		run_program(s);
	}
}

/* --- a world as it is set up */

static void add_module(const struct world *w, bool ugxx, char out[WORLD_TEXT_SIZE])
{
	/* of two answers to a command the first in the scenario is given: what a module never does comes first */
	for (int first = 1; first >= 0; first--)
		for (size_t i = 0; i < w->count; i++) {
			unsigned flags = w->facts[i].kind->flags;

			if (!!(flags & KIND_REFUSES) == first && (ugxx || !(flags & KIND_UGXX)))
				kind_module(&w->facts[i], out, WORLD_TEXT_SIZE);
		}
}

char *session_module(const struct world *w, char out[WORLD_TEXT_SIZE])
{
	struct setup s;

	session_setup(&s, w);
	out[0] = '\0';
	add_module(w, s.family == 0, out);
	return out;
}

static void set_plan(struct setup *s)
{
	static const char *const names[LINK_COUNT] = {
		[LINK_UART] = "ttyS0", [LINK_ADAPTER] = "ttyUSB0", [LINK_OWN_USB] = "ttyACM3", [LINK_PTY] = "pts7",
		[LINK_SOCKET] = "tcp:192.0.2.9:3001", [LINK_TELNET] = "rfc2217://192.0.2.9:3002",
	};
	struct plan *p = &s->plan;

	s->line.name = names[s->line.link];
	if (s->line.link < LINK_SOCKET)
		nodes_path(s->line.name, p->port, sizeof(p->port));
	else
		snprintf(p->port, sizeof(p->port), "%s", s->line.name);
	if (s->line.link != LINK_OWN_USB) {
		s->line.other_name = NULL;
		s->line.has_twin = false;
	}
	if (!s->line.server_baud)
		s->line.server_baud = 115200;
	package_path(p->file, sizeof(p->file), s);
	snprintf(p->manifest, sizeof(p->manifest), "%s.manifest", p->file);
	if (p->route == ROUTE_PUBLISH)
		snprintf(p->publish, sizeof(p->publish), URL);
	if (p->route == ROUTE_DOWNLOAD || p->route == ROUTE_RELAY) {
		snprintf(p->url, sizeof(p->url), URL);
		p->file[0] = '\0';
	}
}

void session_setup(struct setup *s, const struct world *w)
{
	memset(s, 0, sizeof(*s));
	s->size = 3003;
	s->plan.assume_yes = true;
	s->plan.route = ROUTE_SERIAL;
	for (size_t i = 0; i < w->count; i++)
		if (w->facts[i].kind->apply)
			w->facts[i].kind->apply(s, w->facts[i].n);
	set_plan(s);
	/* what the module calls the port: BG96's names, protocol.md 3.3 */
	snprintf(s->module, sizeof(s->module), "set port %s\nset urcport %s\n",
		 s->line.link == LINK_OWN_USB ? "usbat" : "uart1", s->line.link == LINK_OWN_USB ? "usbat" : "uart1");
	add_module(w, s->family == 0, s->module);
}

/* The module of S as it is at first, without its scenario. */
static void family_settings(const struct setup *s, struct sim_settings *set)
{
	struct err e;

	sim_settings_init(set, false);
	if (sim_personality_apply(set, sim_personality(s->family)->name, &e) < 0)
		abort();
}

bool session_run(const struct world *w, bool trace, struct report *out)
{
	static struct session s;
	static struct sim_settings set;
	struct sim_config config = {.scenario_text = s.setup.module};
	struct sim_config twin = {.imei = "356938035643809"};
	char package[128];
	struct err e = {0};

	memset(&s, 0, sizeof(s));
	memset(out, 0, sizeof(*out));
	s.world = w;
	s.report = out;
	s.trace = trace;
	out->truth.able_ms = INT64_MAX;
	session_setup(&s.setup, w);
	our_server = s.setup.our_server;
	our_size = s.setup.size;
	family_settings(&s.setup, &set);
	make_package(&s.setup, &set);
	nodes_module(profile_by_name(sim_personality(s.setup.family)->name)->usb);
	package_path(package, sizeof(package), &s.setup);
	config.package = package;
	config.family = twin.family = sim_personality(s.setup.family)->name;
	twin.from = set.to;
	snprintf(out->truth.target, sizeof(out->truth.target), "%s", set.to);
	unlink(record_file);
	s.sim = sim_new(&config, &e);
	if (!s.sim) {
		snprintf(out->wrong, sizeof(out->wrong), "scenario: %s", err_words(&e));
		return false;
	}
	if (s.setup.line.has_twin) {
		s.twin = sim_new(&twin, &e);
		sim_power_on(s.twin, LINE_START_MS, true);
	}
	s.line = line_new(&s.setup.line, s.sim, s.twin);
	sim_power_on(s.sim, LINE_START_MS, true);
	snprintf(out->truth.began, sizeof(out->truth.began), "%s", sim_version(s.sim));
	line_on_time(s.line, look, &s);
	line_on_write(s.line, before_write, &s);
	line_pass(s.line, 0);
	run_programs(&s);
	judge_end(out, s.sim, s.line);
	line_pass(s.line, LATER_MS);
	snprintf(out->truth.later, sizeof(out->truth.later), "%s", sim_version(s.sim));
	out->hash = line_hash(s.line);
	out->passed = line_passed(s.line);
	out->calls = line_calls(s.line);
	if (!out->wrong[0])
		judge(out, w, &s.setup, s.line, record_file);
	line_free(s.line);
	sim_free(s.sim);
	sim_free(s.twin);
	return !out->wrong[0];
}
